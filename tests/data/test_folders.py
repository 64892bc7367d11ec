"""Which images are of which class, and which folders are refused."""

import os
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest

from fashion.data.checks import DatasetError
from fashion.data.folders import find
from fashion.listing import EncodingError
from tests.data.advice import cured, follow, refused

CLUTTER = (
    ".DS_Store",
    ".hidden/1.png",
    "Thumbs.db",
    "thumbs.DB",
    "Desktop.ini",
    "desktop.ini",
    "__MACOSX/a/._1.png",
    "__macosx/1.png",
    "@eaDir/1.png",
    "@EADIR/1.png",
    "lost+found/1.png",
    "LOST+FOUND/1.png",
    "notes.txt~",
    "copy~/1.png",
)


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
    return root


def each(*folders, names=("1.png", "2.png")):
    return [f"{folder}/{name}" for folder in folders for name in names]


def classes(raw, names=None):
    return find(raw, names)[0]


def parts(raw):
    return [sorted(part.files) for part in find(raw, None)[1]]


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
    assert parts(tmp_path) == [["train/a/1.png", "train/b/2.png"]]


@pytest.mark.parametrize(
    ("folder", "inner", "count"),
    [
        ("dataset/", ("", ""), 1),
        ("archive/PetImages/", ("", ""), 1),
        ("cats/", ("", ""), 1),  # which also is the name of a class in it
        ("archive/dataset/", ("train/", "test/"), 2),
        ("images/", ("train/", "train/"), 1),
        ("", ("train/seg_train/", "test/seg_test/"), 2),
        ("train/", ("train/", "test/"), 2),
        ("", ("train/train/", "train/train/"), 1),
    ],
)
def test_folders_that_an_archive_puts_around_are_passed(raw, folder, inner, count):
    make(raw, *each(*(f"{folder}{part}{name}" for part in inner for name in ("cats", "dogs"))))
    assert classes(raw) == ["cats", "dogs"]
    assert len(parts(raw)) == count


def test_names_in_params_are_the_order_of_labels(tmp_path):
    make(tmp_path, "a/1", "b/1")
    names, (part,) = find(tmp_path, ["b", "a"])
    assert (names, part.files) == (["b", "a"], ["b/1", "a/1"])


def test_both_forms_of_a_letter_are_one_name(tmp_path):
    for form, part in (("NFC", "train"), ("NFD", "test")):
        make(tmp_path, f"{part}/{unicodedata.normalize(form, 'grün')}/1", f"{part}/rot/1")
    names, both = find(tmp_path, None)
    assert names == [unicodedata.normalize("NFC", "grün"), "rot"]
    assert len(both) == 2


def test_what_systems_and_archivers_leave_is_ignored_at_every_level(raw):
    make(raw, *each("train/a", "train/b", "test/a", "test/b"))
    before = parts(raw)
    for folder in ("", "train/", "train/a/", "test/b/"):
        make(raw, *(f"{folder}{name}" for name in CLUTTER))
    assert parts(raw) == before


def test_clutter_is_neither_a_folder_nor_a_part_beside_classes(raw):
    make(raw, "__MACOSX/train/a/1.png", "lost+found/x/1", *each("a", "b"))
    assert classes(raw) == ["a", "b"]
    shutil.rmtree(raw / "b")
    make(raw, "b/Thumbs.db", "c/1.png")
    assert "data/raw/b: a class without images" in refused(lambda: classes(raw))


@pytest.mark.parametrize("count", [200, 256])
def test_as_many_classes_as_a_byte_has_are_taken(tmp_path, count):
    make(tmp_path, *(f"{label:03}/1" for label in range(count)))
    assert find(tmp_path, None)[1][0].labels.tolist() == list(range(count))


def test_257_classes_are_refused_and_one_less_is_taken(raw):
    make(raw, *(f"{label:03}/1" for label in range(257)))
    found = cured(lambda: classes(raw), lambda message: shutil.rmtree(raw / "000"))
    assert len(found) == 256


def test_one_class_is_refused_and_two_are_taken(raw):
    make(raw, "cats/1")

    def add(message):
        assert "expected 2 to 256 classes, a folder for each, found 1: 'cats'; add a fol" in message
        make(raw, "dogs/1")

    assert cured(lambda: classes(raw), add) == ["cats", "dogs"]


BOTH = ("ants", "bees")
PARTS = {  # folders of classes -> those that are left, of training and of test images
    ("train", "val"): ("train", "val"),
    ("train", "validation"): ("train", "validation"),
    ("train", "VAL"): ("train", "VAL"),
    ("train", "dev"): ("train", "dev"),
    ("train", "Test"): ("train", "Test"),
    ("TRAIN", "TEST"): ("TRAIN", "TEST"),
    ("Training", "Testing"): ("Training", "Testing"),
    ("train_set", "test_set"): ("train_set", "test_set"),
    ("seg_train", "seg_test", "seg_pred"): ("seg_train", "seg_test"),
    ("train2017", "val2017"): ("train2017", "val2017"),
    ("train", "val", "test"): ("train", "test"),
    ("Train", "Valid", "Test"): ("Train", "Test"),
    ("train", "Train", "test"): ("train", "test"),
    ("train", "test", "zebra"): ("train", "test"),
    ("images", "test"): ("images", "test"),
    ("test", "val"): ("val", "test"),
    ("Train",): ("Train",),
    ("val",): ("val",),
    ("test",): ("test",),
}


@pytest.mark.parametrize("around", ["", "archive/"])
@pytest.mark.parametrize(("folders", "kept"), PARTS.items())
def test_parts_of_other_names_are_renamed_or_moved_as_the_message_says(raw, folders, kept, around):
    for folder in folders:
        name = f"{folder}.png"  # says in which folder it was
        make(raw, *each(*(f"{around}{folder}/{name}" for name in BOTH), names=[name]))
    message = refused(lambda: classes(raw))
    assert "expected the folders train and test" in message
    assert all(f"'{folder}'" in message for folder in folders)
    has_spare = any(name.lower().startswith("val") for name in {*folders} - {*kept})
    assert ("validation images are taken from the training images" in message) == has_spare
    assert follow(message)
    assert classes(raw) == list(BOTH)
    assert [{Path(file).stem for file in part} for part in parts(raw)] == [{name} for name in kept]


def test_a_class_may_be_called_as_a_part_of_the_data_is(raw):
    make(raw, *each("bus", "train", "test tube", "valid"))
    assert classes(raw) == ["bus", "test tube", "train", "valid"]


@pytest.mark.parametrize("folders", [("train", "test"), ("train", "test1"), ("Train", "val")])
def test_parts_without_folders_of_classes_are_no_classes(raw, folders):
    make(raw, *(f"{folder}/{name}.{n}.png" for folder in folders for name in BOTH for n in (1, 2)))
    message = refused(lambda: classes(raw))
    if "rename" in message:
        follow(message)
        message = refused(lambda: classes(raw))
    for part in ("train", "test"):
        assert (
            f"data/raw/{part}: expected images in a folder for each class, found 4 files in no "
            "folder: 'ants.1.png', "
        ) in message
        for file in list((raw / part).iterdir()):
            folder = raw / part / file.name.split(".")[0]
            folder.mkdir(exist_ok=True)
            file.rename(folder / file.name)
    assert classes(raw) == list(BOTH)


def test_images_without_folders_are_told_to_go_into_some(raw):
    make(raw, *(f"{name}.{number}.jpg" for name in ("cat", "dog") for number in range(4)))

    def sort(message):
        assert message == (
            "data/raw: expected images in a folder for each class, found 8 files in no folder: "
            "'cat.0.jpg', 'cat.1.jpg', 'cat.2.jpg', 'cat.3.jpg', 'dog.0.jpg' and 3 more; make a "
            "folder for each class in 'data/raw', and move its images there"
        )
        for path in list(raw.iterdir()):
            (raw / path.name.split(".")[0]).mkdir(exist_ok=True)
            path.rename(raw / path.name.split(".")[0] / path.name)

    assert cured(lambda: classes(raw, ["dog", "cat"]), sort) == ["dog", "cat"]


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar", "bztar", "xztar"])
@pytest.mark.parametrize("around", ["", "dogs-vs-cats/", "data/train/"])
def test_an_archive_is_to_be_unpacked_and_its_content_is_taken(raw, tmp_path, kind, around):
    make(tmp_path / "packed", *each(f"{around}cats", f"{around}dogs"))
    archive = shutil.make_archive("data/raw/pets", kind, tmp_path / "packed")

    def unpack(message):
        path = Path("data/raw", Path(archive).name)
        assert message == (
            "data/raw: expected images in a folder for each class, found the archive "
            f"'{path}'; unpack it in 'data/raw', and move it out of 'data/raw'"
        )
        shutil.unpack_archive(path, raw)
        path.unlink()

    assert cured(lambda: classes(raw), unpack) == ["cats", "dogs"]


def test_archives_in_the_folders_of_classes_are_to_be_unpacked_there(raw, tmp_path):
    make(tmp_path, "1.png", "2.png")
    for name in ("cats", "dogs"):
        shutil.make_archive(f"data/raw/{name}/photos", "zip", tmp_path, "1.png")

    def unpack(message):
        assert len(message.splitlines()) == 2
        assert "data/raw/cats: expected images, found the archive 'data/raw/cats/ph" in message
        for path in list(raw.glob("*/*.zip")):
            shutil.unpack_archive(path, path.parent)
            path.unlink()

    assert cured(lambda: classes(raw), unpack) == ["cats", "dogs"]


def test_test_images_whose_classes_nobody_knows_are_moved_away(raw):
    make(raw, *each("train/cats", "train/dogs", "test"))
    message = refused(lambda: classes(raw))
    assert message.endswith(
        "there, or move 'data/raw/test' out of 'data/raw' if nobody knows their classes"
    )
    assert follow(message)
    assert classes(raw) == ["cats", "dogs"]


def test_each_archive_and_other_file_has_its_line(raw):
    make(raw, "a.rar", "b.7z", "c.TAR.GZ", "LICENSE")
    lines = refused(lambda: classes(raw)).splitlines()
    assert [line.split("found ")[1].split("; ")[0] for line in lines] == [
        "the archive 'data/raw/a.rar'",
        "the archive 'data/raw/b.7z'",
        "the archive 'data/raw/c.TAR.GZ'",
        "1 file in no folder: 'LICENSE'",
    ]


def test_an_empty_folder_is_told_what_goes_there(raw):
    assert refused(lambda: classes(raw)).startswith(
        "data/raw: expected images in a folder for each class, found none; make a folder for"
    )


def test_all_files_beside_folders_are_named_at_once(raw):
    stray = ["LICENSE", "README.md", "train/labels.csv", "test/ids.txt"]
    make(raw, *each("train/a", "train/b", "test/a", "test/b"), *stray)

    def clear(message):
        assert [line.split(": ")[0] for line in message.splitlines()] == [
            "data/raw",
            "data/raw/train",
            "data/raw/test",
        ]
        assert (
            "found 2 files in no class: 'LICENSE', 'README.md'; move them out of 'data/raw', or "
            "into the folder of a class"
        ) in message
        for name in stray:
            (raw / name).unlink()

    assert cured(lambda: classes(raw), clear) == ["a", "b"]


def test_files_beside_wrong_parts_or_beside_a_folder_around_are_named_with_them(raw):
    make(raw, "LICENSE", "archive/README", *each("archive/train/a", "archive/val/a"))
    first, second, third = refused(lambda: classes(raw)).splitlines()
    assert ("'LICENSE'" in first, "'README'" in second) == (True, True)
    assert "rename 'data/raw/archive/val' to 'data/raw/archive/test'" in third


def test_folders_in_classes_are_all_named_and_emptied_as_said(raw):
    make(raw, *each("a", "a/small", "a/large", names=["1"]), *each("b", "b/kittens", names=["2"]))

    def flatten(message):
        assert len(message.splitlines()) == 2
        assert "'large', 'small'; move the images of each to 'data/raw/a' and remove" in message
        for place, path in enumerate(sorted(raw.glob("*/*/*"))):
            path.rename(path.parent.parent / f"{place} {path.name}")
        for path in raw.glob("*/*/"):
            if path.is_dir():
                path.rmdir()

    assert cured(lambda: classes(raw), flatten) == ["a", "b"]


def test_folders_of_groups_of_classes_may_be_moved_up_or_emptied(raw):
    groups = {"animals": ("cat", "dog"), "vehicles": ("bus", "car")}
    make(raw, *each(*(f"{group}/{name}" for group in groups for name in groups[group])))

    def move_up(message):
        for group, names in groups.items():
            assert (
                f"data/raw/{group}: expected images, found 2 folders: '{names[0]}', "
                f"'{names[1]}'; if they are classes, move them to 'data/raw' and remove "
                f"'data/raw/{group}'"
            ) in message
            for name in names:
                (raw / group / name).rename(raw / name)
            (raw / group).rmdir()

    assert cured(lambda: classes(raw), move_up) == ["bus", "car", "cat", "dog"]


@pytest.mark.parametrize(
    ("inner", "kept"),
    [(("train", "test"), 2), (("train", "val"), 2), (("Train", "val", "test"), 2)],
)
def test_parts_below_classes_change_places_with_them(raw, inner, kept):
    make(raw, *each(*(f"{name}/{part}" for name in BOTH for part in inner)))
    message = refused(lambda: classes(raw))
    assert "expected the folders train and test above those of the classes" in message
    follow(message)
    assert classes(raw) == list(BOTH)
    assert len(parts(raw)) == kept


def test_idx_files_in_a_folder_are_told_to_go_up(raw):
    names = [f"MNIST/raw/{part}-images-idx3-ubyte" for part in ("train", "t10k")]
    make(raw, *names)
    assert (
        "data/raw/MNIST/raw: expected IDX files in 'data/raw' itself, found some here; move the "
        "files of 'data/raw/MNIST/raw' to 'data/raw', and the folder out of it"
    ) in refused(lambda: classes(raw))


def test_empty_classes_are_all_named_and_removed_or_filled(raw):
    make(raw, *each("a", "b"), "c/.hidden", "d/Thumbs.db")

    def edit(message):
        assert len(message.splitlines()) == 2
        assert "data/raw/c: a class without images; add some, or remove the folder" in message
        shutil.rmtree(raw / "c")
        make(raw, "d/1")

    assert cured(lambda: classes(raw), edit) == ["a", "b", "d"]


@pytest.mark.parametrize("name", ["b\nc", "b\tc", "b\u2028c", "\x1b[31mb"])
def test_control_codes_in_the_name_of_a_class_are_shown_and_renamed(raw, name):
    make(raw, "a/1", f"{name}/1")

    def rename(message):
        what = "expected a name in one line and without control codes; rename it"
        assert message == f"{f'data/raw/{name}'!r}: {what}"
        (raw / name).rename(raw / "b")

    assert cured(lambda: classes(raw), rename) == ["a", "b"]


ALIKE = [
    ("Cat", "cat", "U+0043"),
    ("cat", "cat ", "U+0020"),
    ("cat", " cat", "U+0020"),
    ("half moon", "half  moon", "U+0020"),
    ("half moon", "half\u00a0moon", "U+00A0"),
    ("half-moon", "half\u2011moon", "U+2011"),
    ("half-moon", "half\u2013moon", "U+2013"),
    ("cat", "\uff43\uff41\uff54", "U+FF43"),
    ("cat", "ca\u200bt", "U+200B"),
    ("cat", "\ufeffcat", "U+FEFF"),
    ("cat", "ca\u00adt", "U+00AD"),
    ("cat", "\u202acat\u202c", "U+202A"),
    ("cat", "cat\u2060", "U+2060"),
    ("cat", "c\u0430t", "U+0430"),
    ("❤", "❤\ufe0f", "U+FE0F"),
    ("Straße", "STRASSE", "U+00DF"),
    ("ﬁsh", "fish", "U+FB01"),
]


@pytest.mark.parametrize(("one", "other", "code"), ALIKE)
def test_two_folders_that_look_alike_are_shown_with_their_code_points(raw, one, other, code):
    make(raw, *each(one, other, "z"))
    if len(list(raw.iterdir())) < 3:
        pytest.skip("one name on this file system")

    def rename(message):
        assert message.count("U+") == len(one) + len(other)
        assert repr(one) in message
        assert repr(other) in message
        assert code in message
        assert "; rename one of each, or move its images to the other and remove it" in message
        (raw / other).rename(raw / "renamed")

    assert sorted(cured(lambda: classes(raw), rename)) == sorted([one, "renamed", "z"])


@pytest.mark.parametrize(("one", "other", "code"), ALIKE)
def test_names_of_the_two_parts_that_look_alike_are_shown_with_their_code_points(
    raw, one, other, code
):
    make(raw, *each(f"train/{one}", "train/z", f"test/{other}", "test/z"))

    def rename(message):
        assert "expected the same classes in 'data/raw/train' and 'data/raw/test', found" in message
        assert code in message
        (raw / "test" / other).rename(raw / "test" / one)

    assert cured(lambda: classes(raw), rename) == sorted([one, "z"])


@pytest.mark.parametrize(("one", "other", "code"), ALIKE)
def test_names_in_params_that_look_like_those_of_folders_are_shown_with_their_code_points(
    raw, one, other, code
):
    make(raw, *each(one, "z"))
    message = refused(lambda: classes(raw, ["z", other]))
    assert (repr(one) in message, repr(other) in message, code in message) == (True, True, True)
    assert classes(raw, ["z", one]) == ["z", one]


@pytest.mark.parametrize(
    "names", [("A", "a"), ("\u0431", "\u0411", "6"), ("naive", "naïve"), ("x1", "x2")]
)
def test_names_that_look_different_are_different_classes(raw, names):
    make(raw, *each(*names))
    assert classes(raw) == sorted(names)


def test_two_files_of_one_name_in_two_forms_are_refused(raw):
    name = "é.png"
    make(raw, "a/1", "b/1", *(f"a/{unicodedata.normalize(form, name)}" for form in ("NFC", "NFD")))
    if len(list((raw / "a").iterdir())) < 3:
        pytest.skip("one name on this file system")

    def rename(message):
        assert message.startswith("data/raw/a: expected files of names that look different, found ")
        assert "U+0065 U+0301" in message
        assert message.endswith("; rename one of each")
        (raw / "a" / unicodedata.normalize("NFD", name)).rename(raw / "a/another.png")

    assert cured(lambda: classes(raw), rename) == ["a", "b"]


def test_classes_of_one_part_alone_are_all_named_and_added_or_removed(raw):
    make(raw, *each("train/a", "train/b", "train/c", "test/a", "test/x", "test/y"))

    def edit(message):
        both = "expected the same classes in 'data/raw/train' and 'data/raw/test', found"
        add = "add a folder of the same name with images to"
        assert message.splitlines() == [
            f"{both} {names} in 'data/raw/{has}' alone; {add} 'data/raw/{lacks}' for each, or "
            f"remove it from 'data/raw/{has}'"
            for names, has, lacks in (("'b', 'c'", "train", "test"), ("'x', 'y'", "test", "train"))
        ]
        make(raw, *each("test/b", "train/x"))
        shutil.rmtree(raw / "train/c")
        shutil.rmtree(raw / "test/y")

    assert cured(lambda: classes(raw), edit) == ["a", "b", "x"]


def test_folders_must_be_those_that_params_name(raw):
    make(raw, "a/1", "b/1")
    message = refused(lambda: classes(raw, ["a", "c", "d/e"]))
    assert message == (
        "data.classes of params.yaml: expected the names of the folders of classes in 'data/raw', "
        "found 'c', 'd/e' without a folder; no name for the folders 'b'; correct the list, or "
        "write `classes: folders` to take the names of the folders"
    )
    assert classes(raw, ["b", "a"]) == ["b", "a"]
    assert classes(raw, None) == ["a", "b"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_not_utf8_are_all_shown_and_renamed(raw):
    make(raw, *each("a", "b"))
    old = [b"data/raw/a/caf\xe9.png", b"data/raw/b\xff/1.png"]
    for name in old:
        os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120
        Path(os.fsdecode(name)).touch()

    def rename(message):
        assert message == (
            r"data/raw: expected names in UTF-8, found 'data/raw/b\xff', 'data/raw/a/caf\xe9.png'; "
            "rename them"
        )
        Path(os.fsdecode(old[0])).rename(raw / "a/café.png")
        Path(os.fsdecode(b"data/raw/b\xff")).rename(raw / "c")

    with pytest.raises(EncodingError):
        find(raw, None)
    assert cured(lambda: classes(raw), rename) == ["a", "b", "c"]


def test_every_fault_of_folders_is_a_dataset_error(raw):
    for names in (["1.png"], ["a/1"], ["a/1", "b/.x"], ["train/a/1", "val/a/1"]):
        make(raw, *names)
        with pytest.raises(DatasetError):
            find(raw, None)
        shutil.rmtree(raw)
