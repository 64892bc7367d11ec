"""Own images stay in place, or another folder is mirrored."""

import os

import pytest

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
def raw(tmp_path):
    return tmp_path / "data/raw"


@pytest.fixture
def cached(monkeypatch):
    """DVC's cache holds every file."""
    monkeypatch.setattr("fashion.download.removal._is_cached", lambda *_: True)


def test_images_in_place_are_not_touched(source):
    (source / "train/.hidden").touch()
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    assert mirror(source, source) == f"4 files in place in {source}"
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def test_a_mirror_copies_new_and_changed_files_and_removes_others(source, raw, cached):
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").touch()  # of another data set
    (source / "train/.DS_Store").touch()
    assert "4 copied, 1 removed" in mirror(source, raw)
    assert files(raw) == files(source) - {"train/.DS_Store"}
    (source / "train/a a/1.png").write_text("another")
    (source / "test/b/4.png").rename(source / "test/a a/4.png")
    (source / "test/b").rmdir()
    kept = raw / "train/b/2.png"
    before = kept.stat().st_mtime_ns
    assert "2 copied, 1 removed" in mirror(source, raw)
    assert (raw / "train/a a/1.png").read_text() == "another"
    assert not (raw / "test/b").exists(), "an empty folder would be a class"
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["mine/1.png", "train/b/2.png", "notes.txt", "train/b"])
def test_files_that_are_not_cached_are_never_removed(source, raw, tmp_path, name):
    (raw / name).parent.mkdir(parents=True)
    (raw / name).write_text("the only copy")
    with pytest.raises(SourceError, match=f"does not hold them: '{name}'; move"):
        mirror(source, raw)
    assert files(raw) == {name}
    assert (raw / name).read_text() == "the only copy"
    (raw / name).rename(tmp_path / "elsewhere")
    assert "4 copied" in mirror(source, raw)
    assert files(raw) == files(source)


def test_a_mirror_never_writes_through_a_link(source, raw, tmp_path):
    (tmp_path / "disk/b").mkdir(parents=True)
    (raw / "train").mkdir(parents=True)
    (raw / "train/b").symlink_to(tmp_path / "disk/b")
    with pytest.raises(SourceError, match="does not hold them: 'train/b'"):
        mirror(source, raw)
    assert files(tmp_path / "disk") == set()


def test_links_are_copied_as_files_and_loops_are_refused(source, raw, tmp_path):
    (source / "test/b/4.png").rename(tmp_path / "4.png")
    (source / "test/b/4.png").symlink_to(tmp_path / "4.png")
    (source / "train/b").rename(tmp_path / "disk")
    (source / "train/b").symlink_to(tmp_path / "disk")
    assert "4 copied" in mirror(source, raw)
    assert not any(path.is_symlink() for path in raw.rglob("*"))
    for name, target in (("train/b/all", source), ("one", "."), ("two", ".")):
        (source / name).symlink_to(target)
    with pytest.raises(SourceError, match="one: a link to a folder that contains it; remove"):
        mirror(source, raw)


def test_without_images_nothing_is_removed(source, tmp_path):
    (tmp_path / "empty/.git").mkdir(parents=True)
    for folder in ("missing", "empty"):
        with pytest.raises(SourceError, match=r"found none; put them there \(`dvc pull`"):
            mirror(tmp_path / folder, source)
    assert len(files(source)) == 4


def test_an_empty_class_is_refused(source, raw):
    (source / "empty").mkdir()
    for target in (raw, source):
        with pytest.raises(SourceError, match=r"empty: expected images, found none; add some"):
            mirror(source, target)


def test_links_to_nothing_and_pipes_are_refused_before_anything_changes(source, raw):
    (source / "test/gone.png").symlink_to("nothing")
    os.mkfifo(source / "test/pipe")
    with pytest.raises(SourceError, match=r"'test/gone\.png', 'test/pipe'; remove"):
        mirror(source, raw)
    assert not raw.exists()
