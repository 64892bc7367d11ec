"""The example of docs/own-data.md: drawn shapes become a classifier by parameters alone."""

import copy
import csv
import shutil

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from examples import shapes
from fashion.io.files import read_json
from fashion_predict import Classifier
from tests.conftest import FIT, MUON, ROOT, UNCHANGED, copy_project
from tools import verify
from tools.new_project import with_lines

LINES = YAML(typ="safe").load(ROOT / "examples/shapes.yaml")
NETWORK = {  # like the cnn of the project, but trained in seconds
    "network": {
        "kind": "cnn",
        "filters": [8, 16, 32],
        "branch_depth": 1,
        "kernel_size": 3,
        "dropout": 0.0,
    },
    "augment": UNCHANGED | {"flip": True, "shift": 1},
    "fit": FIT | {"epochs": 12, "optimizer": MUON, "learning_rate": 0.1},
    "tta": "flip",
}


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_images_are_the_same_in_every_run_and_of_the_documented_sizes(tmp_path):
    for name in ("one", "other"):
        shapes.main(tmp_path / name, {"train": 3, "test": 1})
    paths = sorted((tmp_path / "one").rglob("*.*"))
    assert len(paths) == 4 * len(shapes.SHAPES)
    for path in paths:
        other = tmp_path / "other" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()
        with Image.open(path) as image:
            assert all(40 <= side <= 80 for side in image.size)
            assert image.mode == "RGB"


@pytest.fixture(scope="module")
def own(tmp_path_factory, small_document):
    """A project with these images after its first `dvc repro`, committed."""
    document = with_lines(copy.deepcopy(small_document), copy.deepcopy(LINES))
    document["models"] = {"cnn": NETWORK}
    document["preprocess"]["validation_images"] = 70
    project = copy_project(tmp_path_factory.mktemp("own"), document)
    shapes.main(project.folder / "data/raw", {"train": 50, "test": 15})
    project.run("dvc", "repro")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Results")
    return project


@pytest.mark.slow
def test_the_images_become_a_classifier(own):
    reports = own.folder / "reports"
    assert [row["class"] for row in table(reports / "cnn/per_class.csv")] == list(shapes.SHAPES)
    sizes = table(reports / "data/sizes.csv")[0]
    assert (sizes["height_min"], sizes["width_max"], sizes["colour"]) == ("40", "80", "280")
    classifier = Classifier.load(own.folder / "models/cnn.onnx")
    assert classifier.classes == list(shapes.SHAPES)
    assert (classifier.dataset, classifier.image_shape) == ("Shapes", (32, 32, 3))
    scores = read_json(reports / "cnn/metrics.json")["cnn"]
    assert scores["accuracy"] > 3 / len(shapes.SHAPES)
    images = sorted((own.folder / "data/raw/test").rglob("*.*"))
    predictions = classifier.predict(images)
    right = [
        prediction.top1 == path.parent.name
        for prediction, path in zip(predictions, images, strict=True)
    ]
    assert np.mean(right) == pytest.approx(scores["accuracy_without_tta"], abs=0.03)


@pytest.mark.slow
def test_own_images_are_verified_if_a_dvc_remote_has_them(own, tmp_path, capsys):
    verify.main("quick", own.folder)
    assert capsys.readouterr().out.splitlines()[-1].startswith("nothing verified: the images are")
    own.run("dvc", "remote", "add", "--default", "storage", str(tmp_path / "remote"))
    own.run("dvc", "push", "download")
    own.git("commit", "--quiet", "--all", "--message=A remote")
    verify.main("quick", own.folder)
    assert capsys.readouterr().out.splitlines()[-1] == "reproduced"


@pytest.mark.slow
def test_dvc_and_the_report_show_a_moved_and_a_copied_image(own):
    raw, data = own.folder / "data/raw", own.folder / "reports/data"
    shutil.move(raw / "train/ring/000.png", raw / "train/circle/moved.png")
    shutil.copy(raw / "train/star/001.jpg", raw / "test/star/copy.jpg")
    granular = own.run("dvc", "data", "status", "--granular").stdout
    assert "data/raw/train/ring/000.png -> data/raw/train/circle/moved.png" in granular
    assert "data/raw/test/star/copy.jpg" in granular
    assert own.stages_run("describe") == ["download", "preprocess", "describe"]
    counts = {row["class"]: row for row in table(data / "counts.csv")}
    total = {name: int(row["train"]) + int(row["validation"]) for name, row in counts.items()}
    assert (total["circle"], total["ring"], total["star"]) == (51, 49, 50)
    assert counts["star"]["test"] == "16"
    twice = table(data / "near_duplicates.csv")[0]
    assert (twice["match"], twice["split_2"]) == ("equal", "test")
    assert {twice["file_1"], twice["file_2"]} == {"train/star/001.jpg", "test/star/copy.jpg"}
    assert "near_duplicates.csv" in own.git("status", "--porcelain")
