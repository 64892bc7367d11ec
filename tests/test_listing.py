"""What is left out of folders, and names that the pipeline cannot keep."""

import os
import sys
from pathlib import Path

import pytest

from fashion.data.layout import list_folder
from fashion.listing import check_utf8, is_clutter
from fashion.names import SHOWN, escaped, look_alikes, looks, some, spelled
from stages import download
from tests.conftest import files, write_yaml
from tests.data.advice import refused
from tools import validate_params

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")


@pytest.mark.parametrize(
    "name",
    [
        *(".DS_Store", "._1.png", ".ipynb_checkpoints", "a~", "Thumbs.db", "THUMBS.DB"),
        *("Desktop.ini", "__MACOSX", "__macosx", "@eaDir", "@EADIR", "lost+found"),
    ],
)
def test_what_systems_and_archivers_leave_is_clutter(name):
    assert is_clutter(name)


@pytest.mark.parametrize("name", ["Thumbs", "thumbs.db.png", "~a", "macosx", "eaDir", "lost", "a."])
def test_other_names_are_data(name):
    assert not is_clutter(name)


def test_folders_and_files_are_listed_apart_in_order(tmp_path):
    for name in ("b", "a", "__MACOSX"):
        (tmp_path / name).mkdir()
    for name in ("2", "1", "Thumbs.db"):
        (tmp_path / name).touch()
    (tmp_path / "c").symlink_to(tmp_path / "a")
    found = [[path.name for path in paths] for paths in list_folder(tmp_path)]
    assert found == [["a", "b", "c"], ["1", "2"]]


def touch(*names):
    for name in names:
        os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120
        Path(os.fsdecode(name)).touch()


@linux
def test_the_first_names_that_are_not_utf8_are_shown_and_all_are_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch(b"raw/a/1.png", *(b"raw/a/%d\xe9.png" % number for number in range(SHOWN + 2)))
    message = refused(lambda: check_utf8("raw"))
    assert message.startswith(
        r"raw: expected names in UTF-8, found 'raw/a/0\xe9.png', 'raw/a/1\xe9"
    )
    assert message.endswith(r"'raw/a/4\xe9.png' and 2 more; rename them")
    for path in list(Path("raw/a").glob("*[!1].png")):
        path.rename(f"raw/a/{path.name[0]}é.png")
    check_utf8("raw")


@linux
def test_names_of_clutter_are_not_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch(b"raw/a/1.png", b"raw/a/.\xe9", b"raw/__MACOSX/\xe9/1")
    check_utf8("raw")
    check_utf8("missing")


@linux
def test_the_check_before_the_first_stage_names_them(tmp_path, monkeypatch, small_document):
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "params.yaml", small_document)
    validate_params.main()
    touch(b"data/raw/a/caf\xe9.png")
    message = refused(validate_params.main)
    assert message == (
        r"data/raw: expected names in UTF-8, found 'data/raw/a/caf\xe9.png'; rename it"
    )
    Path(os.fsdecode(b"data/raw/a/caf\xe9.png")).rename("data/raw/a/café.png")
    validate_params.main()


@linux
def test_images_to_mirror_are_not_copied_before_such_names_are_gone(
    tmp_path, monkeypatch, small_document
):
    monkeypatch.chdir(tmp_path)
    touch(b"own/a/caf\xe9.png", b"own/b/1.png")
    settings = small_document["download"] | {"sources": [{"images": "own"}], "files": []}
    write_yaml(tmp_path / "params.yaml", small_document | {"download": settings})
    assert refused(download.main).endswith(r"found 'own/a/caf\xe9.png'; rename it")
    assert not Path("data").exists()
    Path(os.fsdecode(b"own/a/caf\xe9.png")).rename("own/a/2.png")
    download.main()
    assert files("data/raw") == {"a/2.png", "b/1.png"}


def test_names_are_shown_so_that_a_reader_sees_a_difference():
    assert spelled(["a\u200b"]) == r"'a\u200b' (U+0061 U+200B)"
    assert escaped(os.fsdecode(b"a\xe9\xc3\xa9")) == r"'a\xe9é'"
    assert some("abcdefg") == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert some("abcde") == "'a', 'b', 'c', 'd', 'e'"


def test_names_are_grouped_by_how_they_look():
    names = ["Cat", "dog", "cat", "CAT ", "A", "a", "x2", "x²", "cat"]
    assert look_alikes(names) == [["Cat", "cat", "CAT "], ["x2", "x²"]]
    assert looks("A") != looks("a")
    assert looks("AB") == looks("ab")
    assert looks("a\ufe00") == looks("a\ufe0f") == looks("a")
    assert looks("a\u200cb") == looks("ab") != looks("a")


@linux
def test_links_are_not_followed_to_look_for_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch(b"raw/a/1.png", b"elsewhere/caf\xe9.png")
    Path("raw/loop").symlink_to(".")
    Path("raw/big").symlink_to(tmp_path / "elsewhere")
    check_utf8("raw")


def test_control_characters_of_names_are_not_printed():
    assert some(["a\nb", "\x1b[31m"]) == r"'a\nb', '\x1b[31m'"
