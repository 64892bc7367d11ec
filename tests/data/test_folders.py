"""Which images belong to which class, and which folders are refused with what advice."""

import os
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest

from fashion.data.checks import DatasetError
from fashion.data.folders import find_images
from fashion.data.layout import split_of
from fashion.links import LinkError
from fashion.listing import EncodingError
from tests.data.advice import refused

CLUTTER = (".DS_Store", ".hidden/1.png", "thumbs.DB", "__MACOSX/a/._1.png", "copy~/1.png")
BOTH = ("ants", "bees")


@pytest.fixture
def raw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data/raw").mkdir(parents=True)
    return Path("data/raw")


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def each(*folders, names=("1.png", "2.png")):
    return [f"{folder}/{name}" for folder in folders for name in names]


def classes(raw, names=None):
    return find_images(raw, names)[0]


def splits(raw):
    return [sorted(images.files) for images in find_images(raw, None)[1]]


def test_classes_are_sorted_by_code_point_and_files_follow_their_order(raw):
    make(raw, "b b/2.png", "b b/10.png", "Я/1.jpg", "a/x", "Z/1.png")
    names, (images,) = find_images(raw, None)
    assert names == ["Z", "a", "b b", "Я"]
    assert images.files == ["Z/1.png", "a/x", "b b/10.png", "b b/2.png", "Я/1.jpg"]
    assert images.labels.tolist() == [0, 1, 2, 2, 3]
    assert find_images(raw, ["b b", "a", "Z", "Я"])[1][0].files[0] == "b b/10.png"


def test_train_and_test_have_the_same_labels(raw):
    make(raw, "test/b/1.png", "train/a/1.png", "train/b/2.png", "test/a/2.png")
    _, (train, test) = find_images(raw, None)
    assert train.files == ["train/a/1.png", "train/b/2.png"]
    assert test.files == ["test/a/2.png", "test/b/1.png"]
    assert train.labels.tolist() == test.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("folder", "inner", "count"),
    [
        ("", ("train/",), 1),
        ("dataset/", ("",), 1),
        ("archive/PetImages/", ("",), 1),
        ("cats/", ("",), 1),  # also the name of a class in it
        ("archive/dataset/", ("train/", "test/"), 2),
        ("images/", ("train/",), 1),
        ("", ("train/seg_train/", "test/seg_test/"), 2),
        ("train/", ("train/", "test/"), 2),
        ("", ("train/train/",), 1),
    ],
)
def test_extra_folders_around_are_skipped(raw, folder, inner, count):
    make(raw, *each(*(f"{folder}{split}{name}" for split in inner for name in ("cats", "dogs"))))
    assert classes(raw) == ["cats", "dogs"]
    assert len(splits(raw)) == count


def test_both_unicode_forms_are_one_class(raw):
    for form, split in (("NFC", "train"), ("NFD", "test")):
        make(raw, f"{split}/{unicodedata.normalize(form, 'grün')}/1", f"{split}/rot/1")
    assert classes(raw) == [unicodedata.normalize("NFC", "grün"), "rot"]


def test_clutter_is_ignored_at_every_level(raw):
    make(raw, *each("train/a", "train/b", "test/a", "test/b"))
    before = splits(raw)
    for folder in ("", "train/", "train/a/", "test/b/"):
        make(raw, *(f"{folder}{name}" for name in CLUTTER))
    assert splits(raw) == before
    shutil.rmtree(raw / "test")
    make(raw, "train/c/Thumbs.db")
    assert "data/raw/train/c: expected images, found none" in refused(lambda: classes(raw))


@pytest.mark.parametrize("count", [1, 2, 256, 257])
def test_there_are_2_to_256_classes(raw, count):
    make(raw, *(f"{label:03}/1" for label in range(count)))
    if 2 <= count <= 256:
        assert find_images(raw, None)[1][0].labels.tolist() == list(range(count))
    else:
        message = refused(lambda: classes(raw))
        assert f"expected 2 to 256 class folders, found {count}: '000'" in message


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("TEST", "test"),
        ("test_set", "test"),
        ("Training", "train"),
        ("dev", "validation"),
        ("val2017", "validation"),
        ("latest", None),
        ("train_test", None),
    ],
)
def test_names_of_folders_suggest_splits(name, split):
    assert split_of(name) == split


@pytest.mark.parametrize("around", ["", "archive/"])
@pytest.mark.parametrize(
    "folders",
    [
        ("train", "val"),
        ("train", "Test"),
        ("Training", "Testing"),
        ("seg_train", "seg_test", "seg_pred"),
        ("train", "val", "test"),
        ("train", "test", "zebra"),
        ("images", "test"),
        ("val",),
    ],
)
def test_folders_of_splits_must_be_named_train_and_test(raw, folders, around):
    make(raw, *each(*(f"{around}{folder}/{name}" for folder in folders for name in BOTH)))
    assert (
        "expected the folders 'train' and 'test', or a folder for each class, found "
        f"{', '.join(map(repr, sorted(folders)))}; rename the folder of training images to "
        f"'data/raw/{around}train', that of test images to 'data/raw/{around}test', and move all "
        "others out of 'data/raw' (validation images are taken from the training images)"
    ) in refused(lambda: classes(raw))


def test_classes_may_be_named_like_splits(raw):
    make(raw, *each("bus", "train", "test tube", "valid"))
    assert classes(raw) == ["bus", "test tube", "train", "valid"]


FLAT = "expected a folder for each class, found"
STRAY = "expected only folders, found 1 file:"
MAKE = "make a folder for each class in 'data/raw', and move its images there"
UNPACK = "unpack it in 'data/raw', and move the archive out of 'data/raw'"
MOVE = "move the files into class folders, or out of 'data/raw'"


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        ([], {f"data/raw: {FLAT} none": "make them, and put the images there"}),
        (
            ["a.1", "a.2", "b.1", "b.2", "c.1", "c.2"],
            {f"data/raw: {FLAT} 6 files: 'a.1', 'a.2', 'b.1', 'b.2', 'c.1' and 1 more": MAKE},
        ),
        (
            ["a.rar", "c.TAR.GZ", "LICENSE"],
            {
                f"data/raw/a.rar: {FLAT} an archive": UNPACK,
                f"data/raw/c.TAR.GZ: {FLAT} an archive": UNPACK,
                f"data/raw: {FLAT} 1 file: 'LICENSE'": MAKE,
            },
        ),
        (
            [*each("train/a", "train/b", "test/a", "test/b"), "LICENSE", "test/ids.txt"],
            {f"data/raw: {STRAY} 'LICENSE'": MOVE, f"data/raw/test: {STRAY} 'ids.txt'": MOVE},
        ),
        (
            ["README", "x/LICENSE", *each("x/a", "x/b"), "x/b/c/1", "x/d/.hidden"],
            {
                f"data/raw: {STRAY} 'README'": MOVE,
                f"data/raw/x: {STRAY} 'LICENSE'": MOVE,
                "data/raw/x/b: expected only images, found 1 folder: 'c'": "if these are classes, "
                "move them to 'data/raw/x' and remove 'data/raw/x/b'; otherwise move their images "
                "to 'data/raw/x/b' and remove them",
                "data/raw/x/d: expected images, found none": "add some, or remove the folder",
            },
        ),
        (
            ["ants/train/1", "ants/val/2", "bees/b"],
            {
                "data/raw/ants: expected 'train' and 'test' above the class folders, found "
                "'train', 'val' in one": "move the images to 'data/raw/train/ants' and "
                "'data/raw/test/ants', and remove 'data/raw/ants'"
            },
        ),
        (
            ["MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/t10k-images-idx3-ubyte"],
            {"data/raw/MNIST/raw: expected IDX files directly in 'data/raw'": "move them there"},
        ),
    ],
    ids=["empty", "flat", "archives", "stray", "nested", "splits in classes", "IDX"],
)
def test_every_problem_has_a_line_with_what_to_do(raw, names, lines):
    make(raw, *names)
    expected = [f"{problem}; {advice}" for problem, advice in lines.items()]
    assert refused(lambda: classes(raw)).splitlines() == expected


def test_unlabeled_test_images_are_moved_away(raw):
    make(raw, *each("train/cats", "train/dogs", "test"))
    message = refused(lambda: classes(raw))
    assert message.endswith(
        "; if their classes are unknown, move 'data/raw/test' out of 'data/raw'"
    )
    shutil.rmtree(raw / "test")
    assert classes(raw) == ["cats", "dogs"]


@pytest.mark.parametrize("name", ["b\nc", "b\u2028c", "\x1b[31mb"])
def test_control_characters_in_class_names_are_refused_and_escaped(raw, name):
    make(raw, "a/1", f"{name}/1")
    message = refused(lambda: classes(raw))
    assert message == (
        f"{f'data/raw/{name}'!r}: expected a name without control characters; rename the folder"
    )


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("Cat", "cat", "U+0043"),
        ("cat", "cat ", "U+0020"),
        ("half-moon", "half\u2013moon", "U+2013"),
        ("cat", "ca\u200bt", "U+200B"),
        ("cat", "c\u0430t", "U+0430"),
        ("Straße", "STRASSE", "U+00DF"),
    ],
)
def test_names_that_look_alike_are_shown_with_their_code_points(raw, one, other, code):
    make(raw, *each(f"train/{one}", "train/z", f"test/{other}", "test/z"))
    both = refused(lambda: classes(raw))
    assert "expected the same classes in 'data/raw/train' and 'data/raw/test', found" in both
    (raw / "test" / other).rename(raw / "test" / one)
    listed = refused(lambda: classes(raw, ["z", other]))
    assert "expected the names of the class folders in 'data/raw', found no folder for" in listed
    assert classes(raw, ["z", one]) == ["z", one]
    make(raw, *each(f"train/{other}"))
    if len(list((raw / "train").iterdir())) < 3:
        pytest.skip("one name on this file system")
    messages = both, listed, refused(lambda: classes(raw))
    for message in messages:
        assert (repr(one) in message, repr(other) in message, code in message) == (True,) * 3


@pytest.mark.parametrize("names", [("A", "a"), ("naive", "naïve"), ("x1", "x2")])
def test_names_that_look_different_are_different_classes(raw, names):
    make(raw, *each(*names))
    assert classes(raw) == sorted(names)


def test_all_classes_of_only_one_split_are_named(raw):
    make(raw, *each("train/a", "train/b", "train/c", "test/a", "test/x"))
    assert refused(lambda: classes(raw)) == (
        "expected the same classes in 'data/raw/train' and 'data/raw/test', found 'b', 'c' only "
        "in 'data/raw/train', 'x' only in 'data/raw/test'; add, rename or remove folders"
    )


def test_listed_classes_must_be_those_of_the_folders(raw):
    make(raw, "a/1", "b/1")
    assert refused(lambda: classes(raw, ["a", "c", "d/e"])) == (
        "data.classes in params.yaml: expected the names of the class folders in 'data/raw', "
        "found no folder for 'c', 'd/e'; folders that are not listed: 'b'; correct the list, or "
        "write `classes: folders` to use the folder names"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_utf8_are_refused(raw):
    make(raw, *each("a", "b"))
    Path(os.fsdecode(b"data/raw/a/caf\xe9.png")).touch()
    with pytest.raises(EncodingError, match=r"found 'data/raw/a/caf\\xe9.png'; rename it"):
        find_images(raw, None)


def test_links_are_refused(raw):
    make(raw, *each("a", "b"))
    (raw / "a/3.png").symlink_to("1.png")
    with pytest.raises(LinkError, match=r"found links: 'a/3\.png'"):
        find_images(raw, None)


def test_layout_problems_are_dataset_errors(raw):
    make(raw, "1.png")
    with pytest.raises(DatasetError):
        find_images(raw, None)
