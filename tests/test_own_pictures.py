"""From folders of pictures to images, and to a classifier that takes pictures, by params alone."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fashion.errors import FashionError
from fashion.inference import Classifier
from stages import download, evaluate, export, plot, preprocess, train
from tests.conftest import FIT, copy_project, write_yaml
from tests.data.pictures import COLOURS, draw, write_class, write_classes
from tools.checkout import UP_TO_DATE

COUNTS = {"blue dot": 10, "grün": 12, "кот": 8}
PARTS = ("train", "validation", "test")
DATA = {
    "name": "Squares",
    "homepage": None,
    "license": None,
    "classes": "folders",
    "image_height": 6,
    "image_width": 5,
    "channels": 3,
    "preparation": "crop",
}


@pytest.fixture
def document(small_document):
    document = json.loads(json.dumps(small_document))
    document["data"] = dict(DATA)
    document["download"] |= {"sources": [{"pictures": "data/raw"}], "files": []}
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
    """The label of the colour that a square of `tests.data.pictures` has."""
    return np.abs(np.array(COLOURS) - image[3, 2].astype(int)).sum(axis=1).argmin()


def test_pictures_of_any_size_and_format_become_images_with_the_label_of_their_folder(run):
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


def test_the_same_pictures_give_the_same_bytes(run):
    write_classes("data/raw", COUNTS)
    before, again = run(), run()
    for part in PARTS:
        for one, other in zip(before[part], again[part], strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_picture_more_moves_no_more_than_a_few_others(run):
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
    with pytest.raises(FashionError, match=r"at least 3 of each class, received 2 .* 'few'; add"):
        run(max_imbalance=20.0)


def test_unequal_classes_are_taken_up_to_the_limit_and_refused_before_decoding(run):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/broken.png").touch()
    with pytest.raises(FashionError, match=r"'grün', has 12 .* 'кот', 9: .*max_imbalance = 1.2"):
        run(max_imbalance=1.2)


def test_validation_images_that_there_are_not_are_refused_with_what_to_change(run):
    write_classes("data/raw", COUNTS)
    with pytest.raises(FashionError, match=r"validation_images = 1000 leaves .* in params.yaml"):
        run(validation_images=1000)
    with pytest.raises(FashionError, match=r"test_fraction = 0.99: test images = 30 leaves"):
        run(test_fraction=0.99, validation_images=5)


def test_two_hundred_classes_are_taken(run):
    for label in range(200):
        write_class(f"data/raw/{label:03}", label, 3)
    parts = run(validation_images=200)
    assert all(np.bincount(labels).tolist() == [1] * 200 for _, labels in parts.values())


def test_unreadable_pictures_are_each_named_and_refused_or_left_out_and_counted(run, capsys):
    write_classes("data/raw", COUNTS)
    Path("data/raw/кот/empty.png").touch()
    Path("data/raw/grün/notes.txt").write_text("no picture")
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
    assert lines[-1].startswith("3 pictures cannot be read: replace or remove them, or leave them")
    parts = run(unreadable="skip")
    assert sum(len(labels) for _, labels in parts.values()) == 29
    assert "3 of 32 pictures left out: data/raw/grün/1.jpg: broken" in capsys.readouterr().out
    for images, labels in parts.values():
        assert [colour_of(image) for image in images] == labels.tolist()


def test_a_class_of_unreadable_pictures_alone_is_refused(run):
    write_classes("data/raw", {"a": 8, "b": 8})
    shutil.rmtree("data/raw/b")
    write_class("data/raw/b", 1, 0)
    for number in range(8):
        Path(f"data/raw/b/{number}.png").touch()
    with pytest.raises(FashionError, match="at least 3 of each class, received 0 of the class 'b'"):
        run(unreadable="skip")


def test_the_same_picture_in_train_and_test_is_told(run, capsys):
    write_classes("data/raw/train", COUNTS)
    write_classes("data/raw/test", dict.fromkeys(COUNTS, 3), first=100)
    shutil.copy("data/raw/train/grün/0.png", "data/raw/test/кот/again.png")
    run()
    told = capsys.readouterr().out
    assert "1 test images are training or validation images, too: test/кот/again.png = " in told
    assert "train/grün/0.png" in told


def test_grey_and_colour_pictures_meet_in_either_kind_of_image(run):
    write_classes("data/raw", COUNTS)
    draw(0, 7, mode="L").save("data/raw/blue dot/grey.png")
    draw(4, 8, mode="RGBA").save("data/raw/blue dot/alpha.png")
    images = np.concatenate([part[0] for part in run().values()])
    assert (images == images[..., :1]).all(axis=(1, 2, 3)).sum() == 1
    grey = run(data={"channels": 1, "preparation": "pad"})
    assert grey["train"][0].shape[1:] == (6, 5)


def test_the_word_folders_needs_folders(run, idx_folder):
    shutil.copytree(idx_folder, "data/raw")
    with pytest.raises(
        FashionError, match=r"data.classes in params.yaml, received the word folders"
    ):
        run()


@pytest.mark.slow
@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_pictures_in_colour_become_a_classifier_that_takes_them(
    tmp_path, monkeypatch, document, network
):
    """Either network, from pictures to answers of the exported format."""
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
    pictures = [draw(label, 999 + label, size=(30, 24)) for label in (0, 1, 2)]
    assert [answer.best for answer in classifier.predict(pictures)] == classifier.classes
    [expected] = classifier.classify(image_of("grün/0.png")[np.newaxis])
    assert classifier.predict("data/raw/grün/0.png") == [expected]


def image_of(name):
    """The image that the picture became: prediction must not prepare it otherwise."""
    place = [(part, names(part).index(name)) for part in PARTS if name in names(part)]
    [(part, row)] = place
    return arrays(part)[0][row]


@pytest.mark.slow
def test_a_picture_moved_to_another_class_is_seen_named_and_preprocessed(tmp_path, document):
    project = copy_project(tmp_path / "project", document)
    raw = project.folder / "data/raw"
    write_classes(raw, COUNTS)
    project.run("dvc", "repro", "preprocess")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Pictures")
    (raw / "grün/0.png").rename(raw / "кот/0 more.png")
    status = json.loads(project.run("dvc", "status", "--json", "download", "preprocess").stdout)
    assert set(status) == {"download", "preprocess"}
    moved = [{"path": {"old": "data/raw/grün/0.png", "new": "data/raw/кот/0 more.png"}}]
    assert json.loads(project.run("dvc", "diff", "--json").stdout)["renamed"] == moved
    assert "кот/0 more.png" in project.run("dvc", "data", "status", "--granular").stdout
    assert project.stages_run("preprocess") == ["download", "preprocess"]
    assert (raw / "кот/0 more.png").exists()
    assert UP_TO_DATE in project.run("dvc", "status", "preprocess").stdout
