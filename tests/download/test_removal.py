"""Files are removed only where DVC's cache holds their content."""

import hashlib

import pytest

from fashion.download.removal import others, refuse_losses, remove
from fashion.download.sources import SourceError
from fashion.io.files import replacing
from tests.conftest import files


@pytest.fixture
def raw(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/c/3.png", "4.png", ".DS_Store", "a/.x", "b/.x"):
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "raw/.hidden").mkdir()
    (tmp_path / "raw/empty").mkdir()
    return tmp_path / "raw"


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Put the content of a file into a stand-in for DVC's cache, or other bytes in its place."""
    monkeypatch.setattr("fashion.download.removal.cache_folder", lambda: tmp_path / "cache")

    def put(path, content=None):
        digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        place = tmp_path / "cache/files/md5" / digest[:2] / digest[2:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes() if content is None else content)

    return put


def names(paths, raw):
    return [str(path.relative_to(raw)) for path in paths]


def test_others_are_what_is_not_wanted_but_for_what_is_no_data_beside_it(raw):
    (raw / "link").symlink_to(raw / "a")
    expected = ["4.png", "b", "empty", "link", "a/2.png", "b/.x", "b/c", "b/c/3.png"]
    assert names(others(raw, {"a/1.png"}), raw) == expected


def test_a_wanted_file_where_a_folder_is_and_a_folder_where_a_file_is(raw):
    found = others(raw, {"a", "4.png/1.png", "b/.x", "b/c/3.png"})
    assert names(found, raw) == ["4.png", "a", "empty", "a/.x", "a/1.png", "a/2.png"]


def test_a_file_in_place_of_the_folder_is_to_be_moved(raw):
    with pytest.raises(SourceError, match=r"4\.png: expected a folder, found a file; move it else"):
        others(raw / "4.png", {"a"})
    (raw / "4.png").rename(raw / "5.png")
    assert others(raw / "4.png", {"a"}) == []


def test_a_link_to_nothing_in_place_of_the_folder_is_to_be_mended(raw):
    link = raw.with_name("link")
    link.symlink_to(raw.with_name("disk"))
    with pytest.raises(SourceError, match="expected a folder, found a link to nothing; mount the"):
        others(link, {"a"})
    raw.with_name("disk").mkdir()
    assert others(link, {"a"}) == []


def test_removed_are_files_and_their_folders_and_links_but_never_what_they_lead_to(raw, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/5.png").touch()
    (raw / "link").symlink_to(tmp_path / "elsewhere")
    assert remove(others(raw, {"a/1.png"})) == 5
    assert files(raw) == {".DS_Store", "a/.x", "a/1.png"}
    assert {path.name for path in raw.iterdir()} == {".DS_Store", ".hidden", "a"}
    assert (tmp_path / "elsewhere/5.png").exists()


def test_files_that_no_cache_holds_are_named(raw, store):
    with pytest.raises(
        SourceError, match=r"them: '4.png', 'a/1.png', 'a/2.png', 'b/.x', 'b/c/3.png'. Move"
    ):
        refuse_losses([raw / "4.png", raw / "a/1.png", *others(raw, {"4.png", "a/1.png"})], raw)


def test_files_whose_content_the_cache_holds_may_go(raw, store):
    for path in ("4.png", "a/2.png", "b/.x", "b/c/3.png"):
        store(raw / path)
    refuse_losses([*others(raw, {"a/1.png"}), raw / "missing"], raw)
    (raw / "4.png").write_text("changed since")
    with pytest.raises(SourceError, match=r"does not hold them: '4\.png'\. Move"):
        refuse_losses(others(raw, {"a/1.png"}), raw)


def test_a_damaged_file_of_the_cache_holds_nothing(raw, store):
    store(raw / "4.png", content=b"4.p")
    with pytest.raises(SourceError, match=r"hold them: '4\.png'"):
        refuse_losses([raw / "4.png"], raw)


def test_a_link_to_a_folder_or_to_nothing_is_in_no_cache(raw, store):
    for name, target in (("x", raw / "a"), ("y", raw / "nothing")):
        (raw / name).symlink_to(target)
        with pytest.raises(SourceError, match=f"hold them: '{name}'"):
            refuse_losses([raw / name], raw)


def test_what_a_killed_run_left_may_go(raw, monkeypatch):
    monkeypatch.setattr("fashion.download.removal.cache_folder", lambda: pytest.fail("not asked"))
    with replacing(raw / "a/1.png") as partial:
        partial.touch()
        refuse_losses([partial], raw)
