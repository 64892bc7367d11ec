"""From image folders or IDX files to arrays and to a classifier, by parameters alone."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fashion_predict import Classifier
from stages import download, evaluate, export, plot, preprocess, train
from tests.conftest import CLASSES, FIT, ROOT, idx_bytes, write_yaml
from tests.data.advice import refused
from tests.data.image_files import COLOURS, write_classes

COUNTS = {"blue dot": 10, "grün": 12, "кот": 8}
SPLITS = ("train", "validation", "test")
MNIST = [
    f"{split}-{content}-ubyte"
    for split in ("train", "t10k")
    for content in ("images-idx3", "labels-idx1")
]
DATA = {
    "name": "Squares",
    "homepage": None,
    "license": None,
    "classes": "folders",
    "image_height": 6,
    "image_width": 5,
    "channels": 3,
    "preprocessing": "crop",
}


@pytest.fixture
def document(small_document):
    document = json.loads(json.dumps(small_document))
    document["data"] = dict(DATA)
    document["download"] |= {"images": "data/raw", "files": []}
    document["preprocess"] |= {"validation_images": 5, "max_imbalance": 2.0}
    return document


@pytest.fixture
def run(tmp_path, monkeypatch, document):
    """Run `preprocess` with changed parameters; return the images and labels of each split."""
    monkeypatch.chdir(tmp_path)

    def preprocessed(data=None, **settings):
        document["data"] |= data or {}
        document["preprocess"] |= settings
        write_yaml(tmp_path / "params.yaml", document)
        preprocess.main()
        return {split: arrays(split) for split in SPLITS}

    return preprocessed


def arrays(split):
    return tuple(np.load(f"data/processed/{split}/{name}.npy") for name in ("images", "labels"))


def file_table():
    with Path("data/processed/files.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def names(split):
    return [row["file"] for row in file_table() if row["split"] == split]


def class_names():
    return json.loads(Path("data/processed/classes.json").read_text("utf-8"))["classes"]


def colour_of(image):
    """The label whose colour a square of `tests.data.image_files` has."""
    return np.abs(np.array(COLOURS) - image[3, 2].astype(int)).sum(axis=1).argmin()


def assert_equal(splits, others):
    for split in SPLITS:
        for one, other in zip(splits[split], others[split], strict=True):
            np.testing.assert_array_equal(one, other)


def test_image_files_become_arrays_with_the_label_of_their_folder(run):
    write_classes("data/raw", COUNTS)
    splits = run()
    assert [len(splits[split][1]) for split in SPLITS] == [19, 5, 6]
    for images, labels in splits.values():
        assert (images.shape[1:], images.dtype, labels.dtype) == ((6, 5, 3), np.uint8, np.uint8)
        assert set(labels) == {0, 1, 2}
        assert [colour_of(image) for image in images] == labels.tolist()
    assert class_names() == ["blue dot", "grün", "кот"]
    assert [row["index"] for row in file_table()] == [*map(str, [*range(19), *range(5), *range(6)])]
    assert len({row["file"] for row in file_table()}) == 30
    for split in SPLITS:
        folders = [class_names().index(name.split("/")[0]) for name in names(split)]
        assert folders == splits[split][1].tolist()
    assert_equal(splits, run())


def test_unreadable_images_are_all_named_or_skipped(run, capsys):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/empty.png").touch()
    Path("data/raw/grün/notes.txt").write_text("not an image")
    cut = Path("data/raw/grün/1.jpg")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    *lines, advice = refused(run).splitlines()
    unreadable = [line.split(": ")[0] for line in lines]
    bad = ["grün/1.jpg", "grün/notes.txt", "кот/empty.png"]
    assert unreadable == [f"data/raw/{name}" for name in bad]
    assert advice.startswith("3 images cannot be read: replace or remove them, or set `unreadable")
    skipped = run(unreadable="skip")
    assert "skipped 3 images of 32: data/raw/grün/1.jpg: broken" in capsys.readouterr().out
    for name in unreadable:
        Path(name).unlink()
    removed = run(unreadable="refuse")
    assert_equal(skipped, removed)


def test_folders_of_splits_are_used_as_they_are_and_groups_are_recorded(run, capsys):
    for split, first in (("Train", 0), ("val", 10), ("TEST", 20)):
        write_classes(f"data/raw/{split}", dict.fromkeys("ab", 4), first)
    Path("data/raw/LICENSE").touch()
    splits = run(validation_images=1000, group_by=r"(\d)\.")
    assert [len(splits[split][1]) for split in SPLITS] == [8, 8, 8]
    assert names("validation")[0] == "val/a/10.webp"
    assert [row["group"] for row in file_table()] == [*"01230123"] * 3
    assert "data/processed takes 0.0 MB: 24 images of 6x5x3 bytes" in capsys.readouterr().out
    refused(lambda: run(group_by="x(y)?"))


GREY = {"image_height": 20, "image_width": 20, "channels": 1, "classes": CLASSES}
IDX = {"max_imbalance": 9.0, "validation_images": 50}


def write_idx(labels, shape=(20, 20)):
    """Write IDX files with `labels` (training, test) and noise as images."""
    Path("data/raw").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for files, values in zip((MNIST[:2], MNIST[2:]), labels, strict=True):
        images = rng.integers(0, 256, (len(values), *shape), dtype=np.uint8)
        for name, content in zip(files, (images, np.array(values)), strict=True):
            Path("data/raw", name).write_bytes(idx_bytes(content))


def test_idx_files_need_a_list_of_class_names(run, idx_folder):
    shutil.copytree(idx_folder, "data/raw")
    message = refused(lambda: run(GREY | {"classes": "folders"}, **IDX))
    assert "replace `classes: folders` under data with a list of names" in message
    run(GREY, **IDX)


def test_idx_files_of_emnist_give_the_same_splits(run, idx_folder):
    shutil.copytree(idx_folder, "data/raw")
    before = run(GREY, **IDX)
    for old in MNIST:
        Path("data/raw", old).rename(f"data/raw/emnist-letters-{old.replace('t10k', 'test')}")
    after = run(GREY, **IDX)
    assert_equal(before, after)
    assert names("test")[-1] == "emnist-letters-test-images-idx3-ubyte:59"


def python_of(heading):
    """The Python code below a heading of docs/own-data.md."""
    text = (ROOT / "docs/own-data.md").read_text("utf-8").split(heading)[1]
    return text.split("```python\n")[1].split("```")[0]


def test_labels_are_renumbered_as_documented(run, monkeypatch):
    write_idx([[3, 7, 200] * 20, [200, 3, 7] * 4])
    message = refused(lambda: run(GREY, **IDX))
    assert "found 3 labels from 3 to 200; list 3 names in the order of labels, and" in message
    monkeypatch.chdir("data/raw")
    exec(python_of("### Labels"), {})  # noqa: S102
    monkeypatch.chdir("../..")
    splits = run(GREY | {"classes": ["three", "seven", "many"]}, validation_images=6)
    assert splits["test"][1].tolist() == [2, 0, 1] * 4


def test_arrays_become_idx_files_as_documented(run, monkeypatch):
    rng = np.random.default_rng(0)
    x_train, x_test = (rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in (60, 20))
    y_train, y_test = np.arange(60) % 5, np.arange(20) % 5
    Path("data/raw").mkdir(parents=True)
    monkeypatch.chdir("data/raw")
    np.savez("mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    namespace = {}
    exec(python_of("### Other formats"), namespace)  # noqa: S102
    namespace["data"].close()
    monkeypatch.chdir("../..")
    splits = run(GREY | {"image_height": 28, "image_width": 28}, validation_images=10)
    np.testing.assert_array_equal(splits["test"][0], x_test)
    np.testing.assert_array_equal(splits["test"][1], y_test)
    assert sum(len(labels) for _, labels in splits.values()) == 80


def test_colour_idx_files_work_with_the_advice_in_the_message(run):
    write_idx([[*range(5)] * 20, [*range(5)] * 4], shape=(20, 20, 3))
    message = refused(lambda: run(GREY, **IDX))
    assert "write `channels: 3` and `preprocessing: pad` under data" in message
    splits = run(GREY | {"channels": 3, "preprocessing": "pad"}, **IDX)
    assert splits["train"][0].shape[1:] == (20, 20, 3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Attempting to set identical")  # a plot of one value
def test_two_classes_of_three_images_become_a_classifier(tmp_path, monkeypatch, document):
    """The fewest images that are valid."""
    monkeypatch.chdir(tmp_path)
    write_classes("data/raw", {"a": 3, "b": 3})
    document["data"] |= {"image_height": 8, "image_width": 8}
    document["preprocess"]["validation_images"] = 2
    document["models"]["mlp"]["fit"] = FIT | {"batch_size": 2, "steps_per_execution": 1}
    write_yaml(tmp_path / "params.yaml", document)
    download.main()
    preprocess.main()
    for stage in (train, evaluate, export, plot):
        stage.main("mlp")
    classifier = Classifier.load("models/mlp.onnx")
    assert (classifier.image_shape, classifier.classes) == ((8, 8, 3), ["a", "b"])
    [expected] = classifier.predict_arrays(array_of("a/0.png")[np.newaxis])
    assert classifier.predict("data/raw/a/0.png") == [expected]


def array_of(name):
    """The array that `preprocess` made of an image file."""
    [row] = [row for row in file_table() if row["file"] == name]
    return arrays(row["split"])[0][int(row["index"])]
