"""From folders of images to images, and to a classifier that takes images, by params alone."""

import csv
import json
import re
import shutil
import unicodedata
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
PARTS = ("train", "validation", "test")
MNIST = [
    f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
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
    document["download"] |= {"sources": [{"images": "data/raw"}], "files": []}
    document["preprocess"] |= {"validation_images": 5, "max_imbalance": 2.0}
    return document


@pytest.fixture
def run(tmp_path, monkeypatch, document):
    """Run `preprocess` on `data/raw` with changed params; give the images and labels of parts."""
    monkeypatch.chdir(tmp_path)

    def preprocessed(data=None, **settings):
        document["data"] |= data or {}
        document["preprocess"] |= settings
        write_yaml(tmp_path / "params.yaml", document)
        preprocess.main()
        return {part: arrays(part) for part in PARTS}

    return preprocessed


def arrays(part):
    return tuple(np.load(f"data/processed/{part}/{kind}.npy") for kind in ("images", "labels"))


def names(part):
    with Path("data/processed/files.csv").open(encoding="utf-8", newline="") as stream:
        return [row["file"] for row in csv.DictReader(stream) if row["part"] == part]


def colour_of(image):
    """The label of the colour that a square of `tests.data.image_files` has."""
    return np.abs(np.array(COLOURS) - image[3, 2].astype(int)).sum(axis=1).argmin()


def test_images_of_any_size_and_format_become_images_with_the_label_of_their_folder(run):
    write_classes("data/raw", COUNTS)
    parts = run()
    assert [len(parts[part][1]) for part in PARTS] == [19, 5, 6]
    for images, labels in parts.values():
        assert (images.shape[1:], images.dtype, labels.dtype) == ((6, 5, 3), np.uint8, np.uint8)
        assert set(labels) == {0, 1, 2}
        assert [colour_of(image) for image in images] == labels.tolist()
    classes = json.loads(Path("data/processed/classes.json").read_text("utf-8"))
    assert classes == {"classes": ["blue dot", "grün", "кот"]}
    found = [name for part in PARTS for name in names(part)]
    assert len(set(found)) == 30
    for part in PARTS:
        folders = [classes["classes"].index(name.split("/")[0]) for name in names(part)]
        assert folders == parts[part][1].tolist()


def test_folders_train_and_test_are_kept_apart(run):
    write_classes("data/raw/train", COUNTS)
    write_classes("data/raw/test", dict.fromkeys(COUNTS, 3), first=100)
    parts = run()
    assert [len(parts[part][1]) for part in PARTS] == [25, 5, 9]
    assert all(name.startswith("test/") for name in names("test"))


def test_the_same_images_give_the_same_bytes(run):
    write_classes("data/raw", COUNTS)
    before, again = run(), run()
    for part in PARTS:
        for one, other in zip(before[part], again[part], strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_image_more_moves_no_more_than_a_few_others(run):
    write_classes("data/raw", COUNTS)
    run()
    before = {part: set(names(part)) for part in PARTS}
    write_class("data/raw/кот", 2, 1, first=50)
    run()
    assert sum(len(set(names(part)) - before[part]) for part in PARTS) <= 3


def test_a_class_of_three_is_divided_and_one_of_two_refused(run):
    write_classes("data/raw", {"few": 3, "many": 30})
    parts = run(max_imbalance=20.0)
    assert [np.bincount(labels)[0] for _, labels in parts.values()] == [1, 1, 1]
    Path("data/raw/few/0.png").unlink()
    with pytest.raises(
        FashionError, match=r"at least 3 images of each class, found 2 of 'few'; add"
    ):
        run(max_imbalance=20.0)


def test_unequal_classes_are_taken_up_to_the_limit_and_refused_before_decoding(run):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/broken.png").touch()
    with pytest.raises(FashionError, match=r"'grün', has 12 .* 'кот', 9: .*max_imbalance = 1.2"):
        run(max_imbalance=1.2)


def test_validation_images_that_there_are_not_are_refused_with_what_to_change(run):
    write_classes("data/raw", COUNTS)
    message = refused(lambda: run(validation_images=1000))
    low, high = map(int, re.search(r"expected (\d+) to (\d+), .* in params.yaml", message).groups())
    for count in (low, high):
        assert len(run(validation_images=count)["validation"][1]) == count
    message = refused(lambda: run(test_fraction=0.99, validation_images=5))
    fraction = float(re.search(r"= 0.99 makes 30 .* at most ([\d.]+); change it", message)[1])
    run(test_fraction=fraction, validation_images=3)


def test_two_hundred_classes_are_taken(run):
    for label in range(200):
        write_class(f"data/raw/{label:03}", label, 3)
    parts = run(validation_images=200)
    assert all(np.bincount(labels).tolist() == [1] * 200 for _, labels in parts.values())


def test_unreadable_images_are_each_named_and_refused_or_left_out_and_counted(run, capsys):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/empty.png").touch()
    Path("data/raw/grün/notes.txt").write_text("no image")
    cut = Path("data/raw/grün/1.jpg")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    with pytest.raises(FashionError) as refused:
        run()
    lines = str(refused.value).splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "data/raw/grün/1.jpg",
        "data/raw/grün/notes.txt",
        "data/raw/кот/empty.png",
    ]
    assert lines[-1].startswith("3 images cannot be read: replace or remove them, or leave them")
    parts = run(unreadable="skip")
    assert sum(len(labels) for _, labels in parts.values()) == 29
    assert "3 of 32 images left out: data/raw/grün/1.jpg: broken" in capsys.readouterr().out
    for images, labels in parts.values():
        assert [colour_of(image) for image in images] == labels.tolist()


def test_a_class_of_unreadable_images_alone_is_refused(run):
    write_classes("data/raw", {"a": 8, "b": 8})
    shutil.rmtree("data/raw/b")
    write_class("data/raw/b", 1, 0)
    for number in range(8):
        Path(f"data/raw/b/{number}.png").touch()
    with pytest.raises(FashionError, match="at least 3 images of each class, found 0 of 'b'"):
        run(unreadable="skip")


def test_the_same_image_in_train_and_test_is_told(run, capsys):
    write_classes("data/raw/train", COUNTS)
    write_classes("data/raw/test", dict.fromkeys(COUNTS, 3), first=100)
    shutil.copy("data/raw/train/grün/0.png", "data/raw/test/кот/again.png")
    run()
    told = capsys.readouterr().out
    assert "1 test images are training or validation images, too: test/кот/again.png = " in told
    assert "train/grün/0.png" in told


def test_grey_and_colour_images_meet_in_either_kind_of_image(run):
    write_classes("data/raw", COUNTS)
    draw(0, 7, mode="L").save("data/raw/blue dot/grey.png")
    draw(4, 8, mode="RGBA").save("data/raw/blue dot/alpha.png")
    images = np.concatenate([part[0] for part in run().values()])
    assert (images == images[..., :1]).all(axis=(1, 2, 3)).sum() == 1
    grey = run(data={"channels": 1, "preprocessing": "pad"})
    assert grey["train"][0].shape[1:] == (6, 5)


def test_names_in_params_are_those_of_folders_in_either_form_of_unicode(run):
    write_classes("data/raw", COUNTS)
    listed = ["кот", unicodedata.normalize("NFD", "grün"), "blue dot"]
    run(data={"classes": listed})
    classes = json.loads(Path("data/processed/classes.json").read_text("utf-8"))["classes"]
    assert classes == ["кот", unicodedata.normalize("NFC", "grün"), "blue dot"]


GREY = {"image_height": 20, "image_width": 20, "channels": 1, "classes": CLASSES}
IDX = {"max_imbalance": 9.0, "validation_images": 50}


def write_idx(labels, names=MNIST, shape=(20, 20)):
    """Four files in `data/raw` with `labels` (training, test) and noise as images."""
    shutil.rmtree("data/raw", ignore_errors=True)
    Path("data/raw").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for place, part in enumerate(labels):
        images = rng.integers(0, 256, (len(part), *shape), dtype=np.uint8)
        for name, values in zip(names[2 * place :], (images, np.array(part)), strict=False):
            Path("data/raw", name).write_bytes(idx_bytes(values))


def test_the_word_folders_needs_folders_and_a_list_of_names_does_for_idx_files(run, idx_folder):
    shutil.copytree(idx_folder, "data/raw")
    message = refused(lambda: run(GREY | {"classes": "folders"}, **IDX))
    assert message == (
        "data/raw holds IDX files, which have no class names: in params.yaml, expected a list as "
        "data.classes, found the word folders; list the names in the order of labels"
    )
    run(GREY, **IDX)


@pytest.mark.parametrize(
    "others",
    [
        [name.replace("-idx", ".idx") for name in MNIST],
        [f"emnist-letters-{name.replace('t10k', 'test')}" for name in MNIST],
        [f"qmnist-{name}".replace("idx1-ubyte", "idx2-int") for name in MNIST],
    ],
)
def test_files_of_other_names_give_the_images_of_their_part(run, idx_folder, others):
    shutil.copytree(idx_folder, "data/raw")
    before = run(GREY, **IDX)
    with Path("data/processed/files.csv").open(encoding="utf-8") as stream:
        sizes = {(row["height"], row["width"], row["channels"]) for row in csv.DictReader(stream)}
    assert sizes == {("20", "20", "1")}
    for old, new in zip(MNIST, others, strict=True):
        Path("data/raw", old).rename(f"data/raw/{new}")
    for path in Path("data/raw").glob("*-int"):
        labels = np.fromfile(path, np.uint8)[8:]
        table = np.stack([labels, *[np.arange(len(labels))] * 7], axis=1).astype(">i4")
        header = bytes((0, 0, 0x0C, 2)) + np.array(table.shape, ">u4").tobytes()
        path.write_bytes(header + table.tobytes())
    after = run(GREY, **IDX)
    for part in PARTS:
        for one, other in zip(before[part], after[part], strict=True):
            np.testing.assert_array_equal(one, other)
    assert {name.split(":")[0] for name in (*names("train"), *names("test"))} == {
        others[0],
        others[2],
    }


def test_labels_from_1_are_those_of_the_names_in_their_order(run, capsys):
    labels = [[*range(1, 6)] * 20, [*range(1, 6)] * 4]
    write_idx(labels)
    parts = run(GREY, **IDX)
    assert parts["test"][1].tolist() == [label - 1 for label in labels[1]]
    assert "labels count from 1: 1 is 'circle', 5 is 'no shape'" in capsys.readouterr().out
    write_idx([[label - 1 for label in part] for part in labels])
    for part in PARTS:
        np.testing.assert_array_equal(run(GREY, **IDX)[part][1], parts[part][1])
    assert "labels count from" not in capsys.readouterr().out


def test_labels_are_renumbered_as_the_documentation_says(run, monkeypatch):
    write_idx([[3, 7, 200] * 20, [200, 3, 7] * 4])
    message = refused(lambda: run(GREY, **IDX))
    assert message.endswith(
        "found 3 to 200; number the labels from 0 without gaps, as docs/own-data.md says under "
        "Labels, and list 3 names in the order of labels"
    )
    monkeypatch.chdir("data/raw")
    exec(python_of("### Labels"), {})  # noqa: S102
    monkeypatch.chdir("../..")
    parts = run(GREY | {"classes": ["three", "seven", "many"]}, validation_images=6)
    assert parts["test"][1].tolist() == [2, 0, 1] * 4


@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_arrays_and_tables_become_idx_files_as_the_documentation_says(run, monkeypatch, kind):
    rng = np.random.default_rng(0)
    x_train, x_test = (rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in (60, 20))
    y_train, y_test = np.arange(60) % 5, np.arange(20) % 5
    Path("data/raw").mkdir(parents=True)
    monkeypatch.chdir("data/raw")
    np.savez("mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    code = python_of("### Other formats")
    if kind == "csv":  # what the comments say instead
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
    parts = run(GREY | {"image_height": 28, "image_width": 28}, validation_images=10)
    np.testing.assert_array_equal(parts["test"][0], x_test)
    np.testing.assert_array_equal(parts["test"][1], y_test)
    assert sum(len(labels) for _, labels in parts.values()) == 80


def python_of(heading):
    """The Python code below a heading of the page about own data."""
    text = (ROOT / "docs/own-data.md").read_text("utf-8").split(heading)[1]
    return text.split("```python\n")[1].split("```")[0]


def test_colour_in_idx_files_is_taken_with_the_lines_that_the_message_names(run):
    write_idx([[*range(5)] * 20, [*range(5)] * 4], shape=(20, 20, 3))
    message = refused(lambda: run(GREY, **IDX))
    assert message.endswith(
        "write `channels: 3` and `preprocessing: pad` under data in params.yaml"
    )
    parts = run(GREY | {"channels": 3, "preprocessing": "pad"}, **IDX)
    assert parts["train"][0].shape[1:] == (20, 20, 3)
    write_idx([[*range(5)] * 20, [*range(5)] * 4])
    message = refused(lambda: run(GREY | {"channels": 3}, **IDX))
    assert message.endswith("write `channels: 1` under data in params.yaml")
    run(GREY | {"channels": 1}, **IDX)


def test_no_data_are_told_how_to_come_by_some(run):
    assert refused(lambda: run()).endswith("found none; run `dvc repro`")


def test_unreadable_images_that_are_removed_as_said_leave_the_others(run):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/empty.png").touch()
    message = refused(lambda: run())
    Path(message.split(": ")[0]).unlink()
    run()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Attempting to set identical")  # a plot of one value
@pytest.mark.parametrize("tests", [0, 1])
def test_two_classes_of_three_images_each_go_all_the_way(tmp_path, monkeypatch, document, tests):
    monkeypatch.chdir(tmp_path)
    write_classes(f"data/raw/{'train' if tests else ''}", {"a": 3, "b": 3})
    if tests:
        write_classes("data/raw/test", {"a": tests, "b": tests}, first=50)
    document["data"] |= {"image_height": 8, "image_width": 8}
    document["preprocess"]["validation_images"] = 2
    document["models"]["mlp"]["fit"] = FIT | {"batch_size": 2, "steps_per_execution": 1}
    write_yaml(tmp_path / "params.yaml", document)
    download.main()
    preprocess.main()
    for stage in (train, evaluate, export, plot):
        stage.main("mlp")
    [prediction] = Classifier.load("models/mlp.onnx").predict(draw(0, 7))
    assert prediction.best in {"a", "b"}


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_images_in_colour_become_a_classifier_that_takes_them(
    tmp_path, monkeypatch, document, network
):
    """Either network, from images to predictions of the exported format."""
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
    assert (classifier.image_shape, classifier.data) == ((8, 8, 3), "Squares")
    assert classifier.metadata["channels"] == "3"
    images = [draw(label, 999 + label, size=(30, 24)) for label in (0, 1, 2)]
    assert [prediction.best for prediction in classifier.predict(images)] == classifier.classes
    [expected] = classifier.predict_arrays(image_of("grün/0.png")[np.newaxis])
    assert classifier.predict("data/raw/grün/0.png") == [expected]


def image_of(name):
    """The image that the image became: prediction must not prepare it otherwise."""
    place = [(part, names(part).index(name)) for part in PARTS if name in names(part)]
    [(part, row)] = place
    return arrays(part)[0][row]


@pytest.mark.slow
def test_a_image_moved_to_another_class_is_seen_named_and_preprocessed(tmp_path, document):
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
    assert "кот/0 more.png" in project.run("dvc", "data", "status", "--granular").stdout
    assert project.stages_run("preprocess") == ["download", "preprocess"]
    assert (raw / "кот/0 more.png").exists()
    assert UP_TO_DATE in project.run("dvc", "status", "preprocess").stdout
