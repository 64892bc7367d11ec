"""Files are removed only if DVC's cache holds their content."""

import hashlib

import pytest

from fashion.download.removal import list_unwanted, refuse_data_loss, remove
from fashion.download.sources import SourceError
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
    """Put the content of a file, or other bytes, into a stand-in for DVC's cache."""
    monkeypatch.setattr("fashion.download.removal.cache_folder", lambda: tmp_path / "cache")

    def put(path, content=None):
        digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        cached = tmp_path / "cache/files/md5" / digest[:2] / digest[2:]
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_bytes(path.read_bytes() if content is None else content)

    return put


def test_unwanted_is_everything_except_wanted_files_and_clutter_beside_them(raw):
    (raw / "link").symlink_to(raw / "a")
    expected = ["4.png", "b", "empty", "link", "a/2.png", "b/.x", "b/c", "b/c/3.png"]
    assert [str(path.relative_to(raw)) for path in list_unwanted(raw, {"a/1.png"})] == expected
    change_places = {"a", "4.png/1.png", "b/.x", "b/c/3.png"}  # a file and a folder
    expected = ["4.png", "a", "empty", "link", "a/.x", "a/1.png", "a/2.png"]
    assert [str(path.relative_to(raw)) for path in list_unwanted(raw, change_places)] == expected


def test_a_file_or_a_link_to_nothing_instead_of_the_folder_is_refused(raw):
    with pytest.raises(SourceError, match=r"4\.png: expected a folder, found a file; move it else"):
        list_unwanted(raw / "4.png", {"a"})
    link = raw.with_name("link")
    link.symlink_to(raw.with_name("disk"))
    with pytest.raises(SourceError, match="expected a folder, found a link to nothing; mount the"):
        list_unwanted(link, {"a"})


def test_links_are_removed_but_never_their_targets(raw, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/5.png").touch()
    (raw / "link").symlink_to(tmp_path / "elsewhere")
    assert remove(list_unwanted(raw, {"a/1.png"})) == 5
    assert files(raw) == {".DS_Store", "a/.x", "a/1.png"}
    assert {path.name for path in raw.iterdir()} == {".DS_Store", ".hidden", "a"}
    assert (tmp_path / "elsewhere/5.png").exists()


def test_only_files_with_their_content_in_the_cache_may_go(raw, store):
    for path in ("4.png", "a/2.png", "b/.x", "b/c/3.png"):
        store(raw / path)
    refuse_data_loss([*list_unwanted(raw, {"a/1.png"}), raw / "missing"], raw)
    (raw / "4.png").write_text("changed since")
    store(raw / "a/2.png", content=b"damaged")
    (raw / "x").symlink_to(raw / "a")
    (raw / "y").symlink_to(raw / "nothing")
    with pytest.raises(SourceError, match=r"not hold them: '4\.png', 'x', 'y', 'a/2\.png'; move"):
        refuse_data_loss(list_unwanted(raw, {"a/1.png"}), raw)
