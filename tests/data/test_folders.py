"""Which pictures are of which class, and which folders are refused."""

import unicodedata

import pytest

from fashion.data.checks import DatasetError
from fashion.data.folders import find, has_folders


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def test_class_folders_are_sorted_by_code_points_and_their_files_follow(tmp_path):
    make(tmp_path, "b b/2.png", "b b/10.png", "Я/1.jpg", "a/x", "Z/1.png")
    names, (part,) = find(tmp_path, None)
    assert names == ["Z", "a", "b b", "Я"]
    assert part.files == ["Z/1.png", "a/x", "b b/10.png", "b b/2.png", "Я/1.jpg"]
    assert part.labels.tolist() == [0, 1, 2, 2, 3]
    assert [(part.raw / file).is_file() for file in part.files] == [True] * 5


def test_train_and_test_folders_are_two_parts_with_the_same_labels(tmp_path):
    make(tmp_path, "test/b/1.png", "train/a/1.png", "train/b/2.png", "test/a/2.png")
    names, (train, test) = find(tmp_path, None)
    assert names == ["a", "b"]
    assert (train.files, test.files) == (
        ["train/a/1.png", "train/b/2.png"],
        ["test/a/2.png", "test/b/1.png"],
    )
    assert train.labels.tolist() == test.labels.tolist() == [0, 1]


def test_train_alone_is_one_part(tmp_path):
    make(tmp_path, "train/a/1.png", "train/b/2.png")
    assert [part.files for part in find(tmp_path, None)[1]] == [["train/a/1.png", "train/b/2.png"]]


def test_names_in_params_are_the_order_of_labels(tmp_path):
    make(tmp_path, "a/1", "b/1")
    names, (part,) = find(tmp_path, ["b", "a"])
    assert (names, part.files) == (["b", "a"], ["b/1", "a/1"])


def test_both_forms_of_a_letter_are_one_name(tmp_path):
    for form, part in (("NFC", "train"), ("NFD", "test")):
        make(tmp_path, f"{part}/{unicodedata.normalize(form, 'grün')}/1", f"{part}/rot/1")
    names, parts = find(tmp_path, None)
    assert names == [unicodedata.normalize("NFC", "grün"), "rot"]
    assert len(parts) == 2


def test_two_hundred_classes_are_taken_and_257_are_not(tmp_path):
    make(tmp_path, *(f"{label:03}/1" for label in range(200)))
    assert find(tmp_path, None)[1][0].labels.tolist() == list(range(200))
    make(tmp_path, *(f"{label:03}/1" for label in range(257)))
    with pytest.raises(DatasetError, match=r"expected 2 to 256 classes, .* received 257: 000, 001"):
        find(tmp_path, None)


def test_what_systems_leave_in_folders_is_no_picture(tmp_path):
    make(tmp_path, "a/1", "b/1", ".DS_Store", "a/.DS_Store", "a/Thumbs.db", "b/desktop.ini")
    assert find(tmp_path, None)[1][0].files == ["a/1", "b/1"]


def test_files_of_a_data_set_are_no_folders_of_pictures(tmp_path):
    assert not has_folders(make(tmp_path, "train-images-idx3-ubyte"))
    assert not has_folders(tmp_path / "missing")
    assert has_folders(make(tmp_path, "a/1"))


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["a/1"], "expected 2 to 256 classes, a folder for each, received 1: a"),
        (["1.png"], "1.png: a file that is in no class; move it to the folder of its class"),
        (["a/1", "b/1", "1.png"], "1.png: a file that is in no class"),
        (["train/a/1", "train/b/1", "train/1.png"], "train/1.png: a file that is in no class"),
        (["a/1", "b/kittens/1"], "kittens: a folder inside of the folder of a class; move its"),
        (["train/a/1", "test/a/1", "validation/a/1"], "folders train and test, or folders of"),
        (["test/a/1", "test/b/1"], "folders train and test, or folders of classes alone"),
        (["train/a/1", "train/b/1", "test/a/1"], "/train alone has b: .* add pictures to .*/test"),
        (
            ["train/a/1", "train/b/1", "test/a/1", "test/b/1", "test/zebra/1"],
            "/test alone has zebra: .* add pictures to .*/train",
        ),
        (["a/1", "b/.hidden"], "b: a class without pictures; add some, or remove the folder"),
        (["a/1", "b\nc/1"], r"expected letters in the name of a class; rename it"),
    ],
)
def test_other_folders_are_refused_with_what_to_do(tmp_path, names, reason):
    with pytest.raises(DatasetError, match=reason):
        find(make(tmp_path, *names), None)


def test_folders_must_be_those_that_params_name(tmp_path):
    make(tmp_path, "a/1", "b/1")
    with pytest.raises(DatasetError, match=r"data.classes of params.yaml alone has c: correct"):
        find(tmp_path, ["a", "c", "b"])
    with pytest.raises(DatasetError, match=r"the folders of .* alone has b"):
        find(tmp_path, ["a"])


def test_two_folders_of_one_name_in_two_forms_are_refused(tmp_path):
    for form in ("NFC", "NFD"):
        make(tmp_path, f"{unicodedata.normalize(form, 'é')}/1")
    if len(list(tmp_path.iterdir())) == 2:  # not on file systems that know them as one
        with pytest.raises(DatasetError, match="two folders of this name"):
            find(tmp_path, None)
