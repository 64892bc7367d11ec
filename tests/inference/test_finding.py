import os

import pytest

from fashion.inference import PictureError
from fashion.inference.finding import find_pictures


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b10.png", "b2.PNG", "notes.txt", ".hidden.png", "in/a.jpg", ".git/c.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*names):
    return [error or path for path, error in find_pictures(names)]


def test_a_folder_gives_its_pictures_in_natural_order_and_then_those_below(folder):
    assert found(".") == ["./b2.PNG", "./b10.png", "./in/a.jpg"]


def test_files_are_taken_as_named_whatever_their_suffix_in_the_order_named(folder):
    assert found("notes.txt", "-", "missing", "b2.PNG") == ["notes.txt", "-", "missing", "b2.PNG"]


def test_a_pattern_gives_files_and_folders_in_natural_order(folder):
    assert found("b*") == ["b2.PNG", "b10.png"]
    assert found("i*") == ["in/a.jpg"]


def test_a_name_with_signs_of_a_pattern_is_a_file_where_there_is_one(folder):
    (folder / "[1].png").touch()
    assert found("[1].png") == ["[1].png"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("empty", "empty: no pictures in this folder"),
        ("x*.png", "x*.png: no file matches this pattern"),
    ],
)
def test_what_leads_to_no_picture_is_an_error_among_the_others(folder, name, line):
    first, error, last = found("b2.PNG", name, "b10.png")
    assert (first, last) == ("b2.PNG", "b10.png")
    assert isinstance(error, PictureError)
    assert str(error) == line


def test_links_in_a_circle_end(folder):
    (folder / "in/up").symlink_to(folder, target_is_directory=True)
    (folder / "in/self.png").symlink_to("self.png")
    assert found("in") == ["in/a.jpg", "in/self.png"]
    below = ("b2.PNG", "b10.png", "in/a.jpg", "in/self.png")
    assert found("**/u*") == [f"in/up/{name}" for name in below]


def test_a_folder_of_any_depth_is_searched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(300):
        os.mkdir("d")  # noqa: PTH102
        os.chdir("d")
    (open("a.png", "wb")).close()  # noqa: PTH123
    monkeypatch.chdir(tmp_path)
    assert found(".") == ["./" + "d/" * 300 + "a.png"]


def test_only_the_names_of_one_folder_are_read_ahead(folder):
    results = find_pictures(["in", "."])
    assert next(results) == ("in/a.jpg", None)
    (folder / "in/late.png").touch()
    assert "./in/late.png" in [path for path, _ in results]
