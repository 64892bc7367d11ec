import os

import pytest

from fashion_predict.find_images import find_images


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name in ("b10.png", "b2.PNG", "notes.txt", ".hidden.png", "in/a.jpg", ".git/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def find(*names):
    return [f"{path}: {error}" if error else path for path, error in find_images(names)]


def test_a_folder_gives_its_images_in_natural_order_then_those_of_its_subfolders():
    assert find(".") == ["./b2.PNG", "./b10.png", "./in/a.jpg"]


def test_files_are_kept_whatever_their_suffix():
    names = ["notes.txt", "-", "missing", "n" * 300, "b2.PNG"]
    assert find(*names) == names


def test_a_folder_without_images_is_an_error_among_others():
    assert find("b2.PNG", "empty", "in") == [
        "b2.PNG",
        "empty: no images in this folder",
        "in/a.jpg",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_is_an_error_among_the_others(folder):
    (folder / "in").chmod(0)
    assert find(".") == ["./b2.PNG", "./b10.png", "./in: Permission denied"]
    assert find("in/a.jpg") == ["in/a.jpg"]
    (folder / "in").chmod(0o700)


def test_links_to_folders_are_skipped_unless_named(folder):
    (folder / "in/up").symlink_to(folder, target_is_directory=True)
    (folder / "in/self.png").symlink_to("self.png")
    below = ["in/a.jpg", "in/self.png"]
    assert find("in") == below
    assert find("in/up") == ["in/up/b2.PNG", "in/up/b10.png", *(f"in/up/{name}" for name in below)]
