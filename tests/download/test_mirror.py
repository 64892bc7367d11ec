"""Own images stay where they are, or are mirrored from another folder."""

import os

import pytest

from fashion.config.download import DirectorySource
from fashion.download.fetch import fetch
from fashion.download.mirror import mirror
from fashion.download.sources import SourceError
from tests.conftest import files


@pytest.fixture
def source(tmp_path):
    for name in ("train/a a/1.png", "train/b/2.png", "test/a a/3.png", "test/b/4.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "images"


@pytest.fixture
def cached(monkeypatch):
    """DVC's cache holds whatever is asked for."""
    monkeypatch.setattr("fashion.download.removal._is_cached", lambda *_: True)


def test_images_that_are_in_place_are_not_touched(source):
    (source / "train/.hidden").touch()
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    assert mirror(source, source) == f"4 files in place in {source}"
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def test_another_folder_is_mirrored_new_and_changed_files_copied_gone_ones_removed(
    source, tmp_path, cached
):
    raw = tmp_path / "data/raw"
    (source / "train/.DS_Store").touch()
    assert "4 copied, 0 others removed" in mirror(source, raw)
    assert files(raw) == files(source) - {"train/.DS_Store"}
    (source / "train/a a/1.png").write_text("another")
    (source / "test/b/4.png").rename(source / "test/a a/4.png")
    kept = raw / "train/b/2.png"
    before = kept.stat().st_mtime_ns
    assert "2 copied, 1 others removed" in mirror(source, raw)
    assert (raw / "train/a a/1.png").read_text() == "another"
    assert not (raw / "test/b").exists(), "an empty folder would be a class"
    assert kept.stat().st_mtime_ns == before


def test_the_files_of_another_data_set_make_room_for_a_mirror(source, tmp_path, cached):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "train-images-idx3-ubyte").touch()
    assert "1 others removed" in mirror(source, raw)
    assert files(raw) == files(source)


@pytest.mark.parametrize("name", ["mine/1.png", "train/b/2.png", "notes.txt", "train/b"])
def test_images_that_no_cache_holds_stay_until_they_are_moved(source, tmp_path, name):
    raw = tmp_path / "raw"
    (raw / name).parent.mkdir(parents=True)
    (raw / name).write_text("the only copy")
    with pytest.raises(SourceError, match=f"does not hold them: '{name}'. Move"):
        mirror(source, raw)
    assert files(raw) == {name}
    assert (raw / name).read_text() == "the only copy"
    (raw / name).rename(tmp_path / "elsewhere")
    assert "4 copied" in mirror(source, raw)
    assert files(raw) == files(source)


def test_a_mirror_never_writes_through_a_link(source, tmp_path):
    raw = tmp_path / "raw"
    (tmp_path / "disk/b").mkdir(parents=True)
    (raw / "train").mkdir(parents=True)
    (raw / "train/b").symlink_to(tmp_path / "disk/b")
    with pytest.raises(SourceError, match="does not hold them: 'train/b'"):
        mirror(source, raw)
    assert files(tmp_path / "disk") == set()


def test_links_in_the_other_folder_are_copied_and_never_without_end(source, tmp_path):
    (source / "test/b/4.png").rename(tmp_path / "4.png")
    (source / "test/b/4.png").symlink_to(tmp_path / "4.png")
    (source / "train/b").rename(tmp_path / "disk")
    (source / "train/b").symlink_to(tmp_path / "disk")
    assert "4 copied" in mirror(source, tmp_path / "raw")
    assert not any(path.is_symlink() for path in (tmp_path / "raw").rglob("*"))
    (source / "train/b/all").symlink_to(source)
    with pytest.raises(SourceError, match="train/b/all: a link to a folder that it is in; remove"):
        mirror(source, tmp_path / "raw")
    (source / "train/b/all").unlink()
    assert "0 copied" in mirror(source, tmp_path / "raw")


def test_no_images_are_refused_and_nothing_is_removed(source, tmp_path):
    (tmp_path / "empty/.git").mkdir(parents=True)
    for folder in ("missing", "empty"):
        with pytest.raises(SourceError, match=r"received none; put them there \(`dvc pull` brings"):
            mirror(tmp_path / folder, source)
    assert len(files(source)) == 4


def test_a_folder_in_or_around_the_target_is_refused(source):
    for one, other in ((source / "train", source), (source, source / "train")):
        with pytest.raises(SourceError, match="neither in it nor around it"):
            mirror(one, other)


def test_files_of_a_data_set_never_replace_images(source, idx_folder, digests):
    with pytest.raises(SourceError, match=r"holds the folder test, .* move it away"):
        fetch(
            [DirectorySource(directory=str(idx_folder))],
            digests,
            source,
            connect_seconds=1.0,
            retries=0,
        )
    assert mirror(source, source) == f"4 files in place in {source}", "as the message advises"


def test_links_to_nothing_and_pipes_are_refused_before_anything_changes(source, tmp_path):
    mirror(source, tmp_path / "raw")
    before = files(tmp_path / "raw")
    (source / "test/gone.png").symlink_to("nothing")
    os.mkfifo(source / "test/pipe")
    message = r"links to nothing, pipes or devices: 'test/gone.png', 'test/pipe'; remove"
    with pytest.raises(SourceError, match=message):
        mirror(source, tmp_path / "raw")
    assert files(tmp_path / "raw") == before
    for name in ("gone.png", "pipe"):
        (source / "test" / name).unlink()
    mirror(source, tmp_path / "raw")


def test_several_links_to_folders_around_end_at_once(source, tmp_path):
    for name in ("one", "two"):
        (source / name).symlink_to(".")
    with pytest.raises(SourceError, match="one: a link to a folder that it is in; remove the link"):
        mirror(source, tmp_path / "raw")
