"""Which images belong to which class, and which folders are refused with what advice."""

import os
import re
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest

from fashion.data.folders import find_images
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


def each(*folders):
    return [f"{folder}/{name}" for folder in folders for name in ("1.png", "2.png")]


def classes(raw, names=None):
    return find_images(raw, names)[0]


def splits(raw):
    return {split: sorted(images.files) for split, images in find_images(raw, None)[1].items()}


def test_classes_are_sorted_by_code_point_and_files_follow_their_order(raw):
    make(raw, "b b/2.png", "b b/10.png", "Я/1.jpg", "a/x", "Z/1.png")
    names, found = find_images(raw, None)
    [images] = found.values()
    assert names == ["Z", "a", "b b", "Я"]
    assert images.files == ["Z/1.png", "a/x", "b b/10.png", "b b/2.png", "Я/1.jpg"]
    assert images.labels.tolist() == [0, 1, 2, 2, 3]
    assert find_images(raw, ["b b", "a", "Z", "Я"])[1]["train"].files[0] == "b b/10.png"


def test_train_and_test_have_the_same_labels(raw):
    make(raw, "test/b/1.png", "train/a/1.png", "train/b/2.png", "test/a/2.png")
    train, test = find_images(raw, None)[1].values()
    assert train.files == ["train/a/1.png", "train/b/2.png"]
    assert test.files == ["test/a/2.png", "test/b/1.png"]
    assert train.labels.tolist() == test.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("folders", "count"),
    [
        (["train/"], 1),
        (["archive/PetImages/"], 1),
        (["cats/"], 1),  # also the name of a class in it
        (["archive/dataset/train/", "archive/dataset/test/"], 2),
        (["train/seg_train/", "test/seg_test/"], 2),
        (["train/train/", "train/test/"], 2),
    ],
)
def test_extra_folders_around_are_skipped(raw, folders, count):
    make(raw, *each(*(f"{folder}{name}" for folder in folders for name in BOTH)))
    assert classes(raw) == list(BOTH)
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


@pytest.mark.parametrize("count", [1, 2, 256, 257])
def test_there_are_2_to_256_classes(raw, count):
    make(raw, *(f"{label:03}/1" for label in range(count)))
    if 2 <= count <= 256:
        assert find_images(raw, None)[1]["train"].labels.tolist() == list(range(count))
    else:
        assert f"2 to 256 class folders, found {count}" in refused(lambda: classes(raw))


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        (("train", "validation", "test"), ["train", "validation", "test"]),
        (("TEST", "Train", "Val"), ["train", "validation", "test"]),
        (("dev", "train"), ["train", "validation"]),
        (("train", "valid", "bees"), None),
    ],
)
def test_splits_are_found_by_the_names_that_are_in_use(raw, folders, found):
    make(raw, *each(*(f"archive/{folder}/{name}" for folder in folders for name in BOTH)))
    if found is None:
        assert "move 'bees' out of 'data/raw'" in refused(lambda: classes(raw))
        return
    by_name = {folder.casefold()[:3]: folder for folder in folders}
    assert [*splits(raw)] == found
    for split, files in splits(raw).items():
        folder = by_name.get(split[:3], "dev")
        assert files == each(*(f"archive/{folder}/{name}" for name in BOTH))


@pytest.mark.parametrize("around", ["", "archive/"])
@pytest.mark.parametrize(
    ("folders", "advice"),
    [
        (("train", "val2017"), "rename '{}/val2017' to '{}/validation'"),
        (("seg_train", "pred", "Test"), "rename '{}/seg_train' to '{}/train', move 'pred' out of"),
        (("train", "val", "Dev"), "merge 'Dev', 'val' into '{}/validation'"),
        (("photos", "val"), "rename the folder of training images to '{}/train', move all others"),
        (("val",), "rename the folder of training images to '{}/train'"),
    ],
)
def test_other_names_of_splits_get_one_line_with_what_to_rename(raw, folders, advice, around):
    make(raw, *each(*(f"{around}{folder}/{name}" for folder in folders for name in BOTH)))
    root = f"data/raw/{around}".rstrip("/")
    [message] = refused(lambda: classes(raw)).splitlines()
    assert message.startswith(f"{root}: expected the folders 'train' and, if you have them, 'valid")
    assert all(repr(folder) in message for folder in folders)
    assert advice.replace("{}", root) in message


@pytest.mark.parametrize(
    ("names", "problems"),
    [
        ([], ["data/raw: .* found none; make them"]),
        (["a.1", "b.1"], ["data/raw: .* found 2 files: 'a.1', 'b.1'; make a folder for each"]),
        (
            ["a.rar", "c.TAR.GZ", "LICENSE"],
            ["raw/a.rar: .* archive; unpack", "c.TAR.GZ: .* archive; unpack", "1 file: 'LICENSE'"],
        ),
        (
            [*each("train/a", "train/b", "test/a", "test/b"), "LICENSE", "1.JPG", "test/x.zip"],
            [
                "data/raw: .* 1 file: '1.JPG'; move the files",
                "raw/test: .* 'x.zip'; move the files",
            ],
        ),
        (
            [*each("x/a", "x/b"), "x/b/c/1", "x/d/.hidden"],
            ["data/raw/x/b: .* 1 folder: 'c'; if these are classes", "x/d: .* none; add some, or"],
        ),
        (
            ["ants/train/1", "ants/val/2", "bees/b"],
            ["ants: .* images to 'data/raw/train/ants', 'data/raw/validation/ants', and remove"],
        ),
        (
            ["MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/t10k-images-idx3-ubyte"],
            ["data/raw/MNIST/raw: expected IDX files directly in 'data/raw'; move them there"],
        ),
        (["a/1", "b\n\x1b[31m/1"], [r"b\\n\\x1b\[31m': expected a name without control char"]),
    ],
    ids=["empty", "flat", "archives", "stray", "nested", "splits in classes", "IDX", "control"],
)
def test_every_problem_has_a_line_with_what_to_do(raw, names, problems):
    make(raw, *names)
    message = refused(lambda: classes(raw))
    assert len(message.splitlines()) == len(problems)
    for line, problem in zip(message.splitlines(), problems, strict=True):
        assert re.search(problem, line)


def test_files_beside_the_folders_that_are_no_images_are_ignored_and_named(raw, capsys):
    make(raw, *each("train/a", "train/b", "val/a", "val/b"))
    before = splits(raw)
    make(raw, "LICENSE", "README.md", "val/labels.csv")
    assert splits(raw) == before
    line = "ignored 3 files beside the folders: 'LICENSE', 'README.md', 'val/labels.csv'\n"
    assert capsys.readouterr().out == line


def test_unlabeled_test_images_are_moved_away(raw):
    make(raw, *each("train/cats", "train/dogs", "test"))
    assert "move 'data/raw/test' out of 'data/raw'" in refused(lambda: classes(raw))
    shutil.rmtree(raw / "test")
    assert classes(raw) == ["cats", "dogs"]


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("Cat", "cat", "U+0043"),
        ("cat", "cat ", "U+0020"),
        ("half-moon", "half\u2013moon", "U+2013"),
        ("cat", "c\u0430t", "U+0430"),
    ],
)
def test_names_that_look_alike_are_shown_with_their_code_points(raw, one, other, code):
    make(raw, *each(f"train/{one}", "train/z", f"test/{other}", "test/z"))
    both = refused(lambda: classes(raw))
    (raw / "test" / other).rename(raw / "test" / one)
    listed = refused(lambda: classes(raw, ["z", other]))
    assert classes(raw, ["z", one]) == ["z", one]
    for message in (both, listed):
        assert all(text in message for text in (repr(one), repr(other), code))


def test_all_classes_of_only_one_split_are_named(raw):
    make(raw, *each("train/a", "train/b", "train/c", "test/a", "test/x"))
    message = refused(lambda: classes(raw))
    assert "'b', 'c' only in 'data/raw/train', 'x' only in 'data/raw/test'" in message


def test_listed_classes_must_be_those_of_the_folders(raw):
    make(raw, "a/1", "b/1")
    message = refused(lambda: classes(raw, ["a", "c", "d/e"]))
    assert "no folder for 'c', 'd/e'; folders that are not listed: 'b'" in message


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
