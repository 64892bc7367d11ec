"""From image folders or IDX files to arrays and to a classifier, by parameters alone."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from fashion.errors import FashionError
from fashion_predict import Classifier
from stages import download, evaluate, export, plot, preprocess, train
from tests.conftest import CLASSES, FIT, ROOT, copy_project, idx_bytes, write_yaml
from tests.data.advice import refused
from tests.data.image_files import COLOURS, draw, write_class, write_classes
from tools.checkout import UP_TO_DATE

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
    again = run()
    for split in SPLITS:
        for one, other in zip(splits[split], again[split], strict=True):
            np.testing.assert_array_equal(one, other)


def test_folders_train_and_test_stay_apart(run):
    write_classes("data/raw/train", COUNTS)
    write_classes("data/raw/test", dict.fromkeys(COUNTS, 3), first=100)
    splits = run()
    assert [len(splits[split][1]) for split in SPLITS] == [25, 5, 9]
    assert all(name.startswith("test/") for name in names("test"))


def test_one_more_image_moves_only_a_few_others(run):
    write_classes("data/raw", COUNTS)
    run()
    before = {split: set(names(split)) for split in SPLITS}
    write_class("data/raw/кот", 2, 1, first=50)
    run()
    assert sum(len(set(names(split)) - before[split]) for split in SPLITS) <= 3


def test_bad_splits_are_refused_before_decoding(run):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/broken.png").touch()
    with pytest.raises(FashionError, match=r"'grün', has 12 .* 'кот', has 9; .* ratio of 1.2"):
        run(max_imbalance=1.2)
    with pytest.raises(FashionError, match="validation_images = 1000 leaves a class without"):
        run(max_imbalance=2.0, validation_images=1000)


def test_unreadable_images_are_all_named_or_skipped(run, capsys):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/empty.png").touch()
    Path("data/raw/grün/notes.txt").write_text("not an image")
    cut = Path("data/raw/grün/1.jpg")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    *lines, advice = refused(run).splitlines()
    unreadable = [line.split(": ")[0] for line in lines]
    assert unreadable == [
        "data/raw/grün/1.jpg",
        "data/raw/grün/notes.txt",
        "data/raw/кот/empty.png",
    ]
    assert advice.startswith("3 images cannot be read: replace or remove them, or set `unreadable")
    skipped = run(unreadable="skip")
    assert "skipped 3 images of 32: data/raw/grün/1.jpg: broken" in capsys.readouterr().out
    for name in unreadable:
        Path(name).unlink()
    removed = run(unreadable="refuse")
    for split in SPLITS:
        for one, other in zip(skipped[split], removed[split], strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_class_without_readable_images_is_refused(run):
    write_classes("data/raw", {"a": 8})
    Path("data/raw/b").mkdir()
    for number in range(8):
        Path(f"data/raw/b/{number}.png").touch()
    with pytest.raises(FashionError, match="at least 3 images of each class, found 0 of 'b'"):
        run(unreadable="skip")


def test_grey_and_colour_files_become_grey_or_colour_images(run):
    write_classes("data/raw", COUNTS)
    draw(0, 7, mode="L").save("data/raw/blue dot/grey.png")
    draw(4, 8, mode="RGBA").save("data/raw/blue dot/alpha.png")
    images = np.concatenate([images for images, _ in run().values()])
    assert (images == images[..., :1]).all(axis=(1, 2, 3)).sum() == 1
    grey = run(data={"channels": 1, "preprocessing": "pad"})
    assert grey["train"][0].shape[1:] == (6, 5)


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
    assert refused(lambda: run(GREY | {"classes": "folders"}, **IDX)) == (
        "data/raw: found IDX files, which have no class names; in params.yaml, replace `classes: "
        "folders` under data with a list of names in the order of labels"
    )
    run(GREY, **IDX)


@pytest.mark.parametrize(
    "others",
    [
        [f"emnist-letters-{name.replace('t10k', 'test')}" for name in MNIST],
        [f"qmnist-{name}".replace("idx1-ubyte", "idx2-int") for name in MNIST],
    ],
)
def test_idx_files_of_other_data_sets_give_the_same_splits(run, idx_folder, others):
    shutil.copytree(idx_folder, "data/raw")
    before = run(GREY, **IDX)
    assert {(row["height"], row["width"], row["channels"]) for row in file_table()} == {
        ("20", "20", "1")
    }
    for old, new in zip(MNIST, others, strict=True):
        Path("data/raw", old).rename(f"data/raw/{new}")
    for path in Path("data/raw").glob("*-int"):
        labels = np.fromfile(path, np.uint8)[8:]
        table = np.stack([labels, *[np.arange(len(labels))] * 7], axis=1).astype(">i4")
        header = bytes((0, 0, 0x0C, 2)) + np.array(table.shape, ">u4").tobytes()
        path.write_bytes(header + table.tobytes())
    after = run(GREY, **IDX)
    for split in SPLITS:
        for one, other in zip(before[split], after[split], strict=True):
            np.testing.assert_array_equal(one, other)
    assert names("test")[-1] == f"{others[2]}:59"


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


@pytest.mark.parametrize("source", ["npz", "csv"])
def test_arrays_and_tables_become_idx_files_as_documented(run, monkeypatch, source):
    rng = np.random.default_rng(0)
    x_train, x_test = (rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in (60, 20))
    y_train, y_test = np.arange(60) % 5, np.arange(20) % 5
    Path("data/raw").mkdir(parents=True)
    monkeypatch.chdir("data/raw")
    np.savez("mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    code = python_of("### Other formats")
    if source == "csv":  # the code in the comments
        table = np.column_stack([y_train, x_train.reshape(60, -1)])
        header = ",".join(["label", *map(str, range(784))])
        np.savetxt("train.csv", table, "%d", delimiter=",", header=header, comments="")
        code = code.replace("# of a table: ", "")
        code, count = re.subn(r'data\["._train"\]\)  # (.*)', r"\1)", code)
        assert count == 2
    namespace = {}
    exec(code, namespace)  # noqa: S102
    namespace["data"].close()
    monkeypatch.chdir("../..")
    splits = run(GREY | {"image_height": 28, "image_width": 28}, validation_images=10)
    np.testing.assert_array_equal(splits["test"][0], x_test)
    np.testing.assert_array_equal(splits["test"][1], y_test)
    assert sum(len(labels) for _, labels in splits.values()) == 80


def test_colour_idx_files_work_with_the_advice_in_the_message(run):
    write_idx([[*range(5)] * 20, [*range(5)] * 4], shape=(20, 20, 3))
    message = refused(lambda: run(GREY, **IDX))
    assert message.endswith(
        "write `channels: 3` and `preprocessing: pad` under data in params.yaml"
    )
    splits = run(GREY | {"channels": 3, "preprocessing": "pad"}, **IDX)
    assert splits["train"][0].shape[1:] == (20, 20, 3)


def test_missing_data_are_to_be_downloaded(run):
    assert refused(run).endswith("found none; run `dvc repro`")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Attempting to set identical")  # a plot of one value
@pytest.mark.parametrize("has_test", [False, True])
def test_two_classes_of_three_images_pass_all_stages(tmp_path, monkeypatch, document, has_test):
    monkeypatch.chdir(tmp_path)
    write_classes(f"data/raw/{'train' if has_test else ''}", {"a": 3, "b": 3})
    if has_test:
        write_classes("data/raw/test", {"a": 1, "b": 1}, first=50)
    document["data"] |= {"image_height": 8, "image_width": 8}
    document["preprocess"]["validation_images"] = 2
    document["models"]["mlp"]["fit"] = FIT | {"batch_size": 2, "steps_per_execution": 1}
    write_yaml(tmp_path / "params.yaml", document)
    download.main()
    preprocess.main()
    for stage in (train, evaluate, export, plot):
        stage.main("mlp")
    classifier = Classifier.load("models/mlp.onnx")
    assert classifier.classes == ["a", "b"]
    assert len(classifier.predict(draw(0, 7))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_colour_images_become_a_classifier(tmp_path, monkeypatch, document, network):
    monkeypatch.chdir(tmp_path)
    write_classes("data/raw", dict.fromkeys(COUNTS, 40))
    document["data"] |= {"image_height": 8, "image_width": 8}
    document["preprocess"]["validation_images"] = 15
    model = document["models"][network]
    model["fit"] = FIT | {"epochs": 10}
    if network == "cnn":
        model["network"]["filters"] = [4, 8]
    write_yaml(tmp_path / "params.yaml", document)
    download.main()
    preprocess.main()
    for stage in (train, evaluate, export, plot):
        stage.main(network)
    classifier = Classifier.load(f"models/{network}.onnx")
    assert (classifier.image_shape, classifier.dataset) == ((8, 8, 3), "Squares")
    images = [draw(label, 999 + label, size=(30, 24)) for label in (0, 1, 2)]
    assert [prediction.top1 for prediction in classifier.predict(images)] == classifier.classes
    [expected] = classifier.predict_arrays(array_of("grün/0.png")[np.newaxis])
    assert classifier.predict("data/raw/grün/0.png") == [expected]


def array_of(name):
    """The array that `preprocess` made of an image file."""
    [row] = [row for row in file_table() if row["file"] == name]
    return arrays(row["split"])[0][int(row["index"])]


@pytest.mark.slow
def test_dvc_notices_that_an_image_moved_to_another_class(tmp_path, document):
    project = copy_project(tmp_path / "project", document)
    raw = project.folder / "data/raw"
    write_classes(raw, COUNTS)
    project.run("dvc", "repro", "preprocess")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Images")
    (raw / "grün/0.png").rename(raw / "кот/0 more.png")
    status = json.loads(project.run("dvc", "status", "--json", "download", "preprocess").stdout)
    assert set(status) == {"download", "preprocess"}
    moved = [{"path": {"old": "data/raw/grün/0.png", "new": "data/raw/кот/0 more.png"}}]
    assert json.loads(project.run("dvc", "diff", "--json").stdout)["renamed"] == moved
    assert project.stages_run("preprocess") == ["download", "preprocess"]
    assert (raw / "кот/0 more.png").exists()
    assert UP_TO_DATE in project.run("dvc", "status", "preprocess").stdout
