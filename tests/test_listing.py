"""Which names in folders are ignored, which are refused, and how messages show them."""

import os
import sys
from pathlib import Path

import pytest

from fashion.data.layout import list_folder
from fashion.listing import check_utf8, is_clutter
from fashion.names import (
    find_look_alikes,
    join_names,
    look_alike_key,
    quote,
    with_code_points,
    with_plural,
)
from stages import download
from tests.conftest import files, write_yaml
from tests.data.advice import refused
from tools import validate_params

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((".DS_Store", "._1.png", "a~", "Thumbs.db", "THUMBS.DB", "Desktop.ini"), True),
        (("__MACOSX", "__macosx", "@eaDir", "@EADIR", "lost+found"), True),
        (("Thumbs", "thumbs.db.png", "~a", "macosx", "eaDir", "lost", "a."), False),
    ],
)
def test_leftovers_of_systems_and_archivers_are_clutter(names, expected):
    assert {is_clutter(name) for name in names} == {expected}


def test_folders_and_files_are_listed_separately_in_order(tmp_path):
    for name in ("b", "a", "__MACOSX"):
        (tmp_path / name).mkdir()
    for name in ("2", "1", "Thumbs.db"):
        (tmp_path / name).touch()
    (tmp_path / "c").symlink_to(tmp_path / "a")
    found = [[path.name for path in paths] for paths in list_folder(tmp_path)]
    assert found == [["a", "b", "c"], ["1", "2"]]


@pytest.fixture
def touch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def touch(*names):
        for name in names:
            path = Path(os.fsdecode(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return touch


@linux
def test_names_that_are_not_utf8_are_refused(touch):
    touch(b"raw/a/1.png", *(b"raw/a/%d\xe9.png" % number for number in range(7)))
    message = refused(lambda: check_utf8("raw"))
    assert message.startswith(r"raw: expected names in UTF-8, found 'raw/a/0\xe9.png', 'raw/a/1\x")
    assert message.endswith(r"'raw/a/4\xe9.png' and 2 more; rename them")


@linux
def test_names_of_clutter_and_behind_links_may_have_any_encoding(touch, tmp_path):
    touch(b"raw/a/1.png", b"raw/a/.\xe9", b"raw/__MACOSX/\xe9/1", b"elsewhere/caf\xe9.png")
    Path("raw/loop").symlink_to(".")
    Path("raw/big").symlink_to(tmp_path / "elsewhere")
    check_utf8("raw")
    check_utf8("missing")


@linux
def test_wrong_names_are_found_before_the_first_stage_and_before_a_mirror(touch, small_document):
    write_yaml(Path("params.yaml"), small_document)
    validate_params.main()
    touch(b"data/raw/a/caf\xe9.png", b"own/a/caf\xe9.png", b"own/b/1.png")
    message = refused(validate_params.main)
    assert (
        message == r"data/raw: expected names in UTF-8, found 'data/raw/a/caf\xe9.png'; rename it"
    )
    settings = small_document["download"] | {"images": "own", "files": []}
    write_yaml(Path("params.yaml"), small_document | {"download": settings})
    Path(os.fsdecode(b"data/raw/a/caf\xe9.png")).unlink()
    assert refused(download.main).endswith(r"found 'own/a/caf\xe9.png'; rename it")
    assert files("data") == set()
    Path(os.fsdecode(b"own/a/caf\xe9.png")).rename("own/a/2.png")
    download.main()
    assert files("data/raw") == {"a/2.png", "b/1.png"}


def test_messages_show_names_so_that_differences_are_visible():
    assert with_code_points(["a\u200b"]) == r"'a\u200b' (U+0061 U+200B)"
    assert quote(os.fsdecode(b"a\xe9\xc3\xa9")) == r"'a\xe9é'"
    assert join_names("abcdefg") == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert join_names(["a\nb", "\x1b[31m"]) == r"'a\nb', '\x1b[31m'"
    assert [with_plural(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", " cat "),
        ("half moon", "half\u00a0moon"),
        ("half-moon", "half\u2011moon"),
        ("cat", "\uff43\uff41\uff54"),
        ("cat", "\ufeffca\u00adt\u2060"),
        ("cat", "c\u0430t"),
        ("❤", "❤\ufe0f"),
        ("ﬁsh", "FISH"),
        ("x2", "x²"),
    ],
)
def test_names_look_alike(one, other):
    assert look_alike_key(one) == look_alike_key(other)


def test_look_alikes_are_grouped():
    names = [
        "Cat",
        "dog",
        "cat",
        "CAT ",
        "A",
        "a",
        "\u0431",
        "\u0411",
        "6",
        "naive",
        "naïve",
        "cat",
    ]
    assert find_look_alikes(names) == [["Cat", "cat", "CAT "]]
