import os

import pytest

from fashion_predict.find_images import find_images


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
    return [f"{path}: {error}" if error else path for path, error in find_images(names)]


def test_a_folder_gives_its_images_in_natural_order_and_then_those_below(folder):
    assert found(".") == ["./b2.PNG", "./b10.png", "./in/a.jpg"]


def test_files_are_taken_as_named_whatever_their_suffix_in_the_order_named(folder):
    assert found("notes.txt", "-", "missing", "b2.PNG") == ["notes.txt", "-", "missing", "b2.PNG"]


def test_a_pattern_gives_files_and_folders_in_natural_order(folder):
    assert found("b*") == ["b2.PNG", "b10.png"]
    assert found("i*") == ["in/a.jpg"]


def test_two_stars_are_any_number_of_folders_each_image_once(folder):
    for name in ("in/b1.png", "in/c2/d/b1.png", "in/c10/b1.png", "in/.c/b1.png", "in/[x]/b3.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    below = ["in/[x]/b3.png", "in/b1.png", "in/c2/d/b1.png", "in/c10/b1.png"]
    assert found("in/**/b*.png") == below
    assert found("**/b*.png") == ["b10.png", *found("in/**/b*.png")]
    assert found("i*/**/c*/**/*.png") == below[2:]
    assert found("in/**/c2/**/b1.png") == ["in/c2/d/b1.png"]
    assert found("in/**/c2/**/b2.png") == ["in/**/c2/**/b2.png: no file matches this pattern"]
    assert found("in/**/*") == [below[0], "in/a.jpg", *below[1:]]
    assert found("in/**") == found("in/*")
    assert found(f"{folder}/**/d/*") == [f"{folder}/in/c2/d/b1.png"]
    assert found("a**/*.png") == ["a**/*.png: no file matches this pattern"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_is_an_error_among_the_others(folder):
    (folder / "in").chmod(0)
    denied = "in/: Permission denied"
    assert found("**/*.png") == ["b10.png", denied]
    assert found("in/a.jpg", "b2.PNG") == ["in/a.jpg", "b2.PNG"]
    (folder / "in").chmod(0o700)


def test_a_name_too_long_for_a_file_is_left_to_the_reader(folder):
    assert found("n" * 300, "b2.PNG") == ["n" * 300, "b2.PNG"]


def test_a_name_with_signs_of_a_pattern_is_a_file_where_there_is_one(folder):
    (folder / "[1].png").touch()
    assert found("[1].png") == ["[1].png"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("empty", "empty: no images in this folder"),
        ("x*.png", "x*.png: no file matches this pattern"),
    ],
)
def test_what_leads_to_no_image_is_an_error_among_the_others(folder, name, line):
    assert found("b2.PNG", name, "b10.png") == ["b2.PNG", line, "b10.png"]


def test_links_in_a_circle_end(folder):
    (folder / "in/up").symlink_to(folder, target_is_directory=True)
    (folder / "in/self.png").symlink_to("self.png")
    assert found("in") == ["in/a.jpg", "in/self.png"]
    below = ("b2.PNG", "b10.png", "in/a.jpg", "in/self.png")
    assert found("in/u*") == [f"in/up/{name}" for name in below]
    assert found("**/u*") == ["**/u*: no file matches this pattern"]
    assert found("**/*.[jp][pn]g") == ["b10.png", "in/a.jpg", "in/self.png"]
    assert found("**/in/up/b*") == ["in/up/b2.PNG", "in/up/b10.png"]


def test_a_folder_of_any_depth_is_searched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(300):
        os.mkdir("d")  # noqa: PTH102
        os.chdir("d")
    (open("a.png", "wb")).close()  # noqa: PTH123
    monkeypatch.chdir(tmp_path)
    assert found(".") == ["./" + "d/" * 300 + "a.png"]


def test_only_the_names_of_one_folder_are_read_ahead(folder):
    results = find_images(["in", "."])
    assert next(results) == ("in/a.jpg", None)
    (folder / "in/late.png").touch()
    assert "./in/late.png" in [path for path, _ in results]
