"""If no model is named, a checkout uses the model of its own data, or lists the models it has."""

import json
import shutil
import subprocess
import sys

import pytest
from PIL import Image
from ruamel.yaml import YAML

from fashion_predict import Classifier, ModelError
from fashion_predict.default_model import dataset_name, find_default
from tests.conftest import ROOT
from tests.fashion_predict.conftest import LEFT, save_halves

PARAMS = (ROOT / "params.yaml").read_text("utf-8")
OTHERS = {"champion": "Fashion-MNIST", "cnn": "Fashion-MNIST", "mlp": "Fashion-MNIST"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Makes a project whose data is called Own, with models by name and dataset."""
    monkeypatch.chdir(tmp_path)

    def make(models, params="data:\n  name: Own\n"):
        (tmp_path / "models").mkdir(exist_ok=True)
        for name, dataset in models.items():
            save_halves(tmp_path / f"models/{name}.onnx", name=name, dataset=dataset)
        (tmp_path / "params.yaml").write_text(params)
        return tmp_path

    return make


def default(project):
    return find_default(Classifier.load, project).name


def test_the_default_is_a_model_of_the_projects_data(project):
    folder = project(OTHERS | {"mlp": "Own"})
    (folder / "models/broken.onnx").write_text("not a model")
    assert default(folder) == "mlp"
    assert default(project({"cnn": "Own", "a": "Own"})) == "cnn"  # takes precedence


FOUND_OTHERS = (
    "none among: models/cnn.onnx (Fashion-MNIST), models/champion.onnx (Fashion-MNIST), "
    "models/mlp.onnx (Fashion-MNIST)"
)
FOUND_TWO = "several among: models/a.onnx (Own), models/b.onnx (Own)"
CHOOSE = "choose one with --model FILE (in Python: Classifier.load(FILE))"
TRAIN = ", or train one with `make repro`"


@pytest.mark.parametrize(
    ("models", "found", "advice"),
    [
        (OTHERS, FOUND_OTHERS, CHOOSE + TRAIN),
        ({"a": "Own", "b": "Own"}, FOUND_TWO, CHOOSE),
        ({}, "none among: no models", CHOOSE + TRAIN),
    ],
)
def test_without_a_default_the_models_are_listed(project, models, found, advice):
    with pytest.raises(ModelError) as error:
        default(project(models))
    expected = "models/: expected one model of this project's data (Own), found "
    assert str(error.value) == f"{expected}{found}; {advice}"


def test_a_model_with_other_classes_is_of_other_data_despite_its_name(project):
    folder = project({"cnn": "Own"})
    save_halves(folder / "models/mlp.onnx", name="mlp", dataset="Own", classes='["a", "b"]')
    (folder / "data/processed").mkdir(parents=True)
    classes = folder / "data/processed/classes.json"
    classes.write_text(json.dumps({"classes": ["a", "b"]}))
    assert default(folder) == "mlp"
    classes.write_text(json.dumps({"classes": ["b", "a"]}))
    with pytest.raises(ModelError, match=r"models/cnn.onnx \(Own with other classes\), models/mlp"):
        default(folder)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("data:\n  name: Own\n", "Own"),
        ("data:\n  name: 'Own images' # mine\n", "Own images"),
        ('# first\ndata: # second\n  classes:\n  - a\n\n  name: "1e5"\n', "1e5"),
        ("\ufeffdata:\r\n  name: Own\r\n", "Own"),
        ("data:\n  channels: 3\ntrain:\n  name: A\n", None),
        ("data: {name: Own}\n", None),
        (PARAMS, YAML(typ="safe").load(PARAMS)["data"]["name"]),
    ],
)
def test_the_dataset_name_is_read_as_a_yaml_reader_does_or_not_found(project, text, name):
    folder = project(OTHERS)
    (folder / "params.yaml").write_bytes(text.encode())
    assert dataset_name(folder) == name
    if name:
        assert YAML(typ="safe").load(folder / "params.yaml")["data"]["name"] == name
    else:
        with pytest.raises(ModelError, match=r"\(data.name was not found in params.yaml\), found"):
            default(folder)


def test_the_command_lists_the_models_and_accepts_one_of_them(project):
    folder = project(OTHERS)
    shutil.copytree(ROOT / "fashion_predict", folder / "fashion_predict")
    Image.fromarray(LEFT).save("left.png")

    def run(*arguments):
        command = [sys.executable, "-m", "fashion_predict.cli", *arguments, "left.png"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = run()
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.stderr.splitlines()) == 1
    assert run("--model", "models/mlp.onnx").stdout.startswith("mlp, trained on Fashion")
    project({"mlp": "Own"})
    assert run().stdout.startswith("mlp, trained on Own\n")


def test_make_predict_takes_the_model_from_its_command_line_only(monkeypatch):
    monkeypatch.setenv("MODEL", "of the shell")
    for variables, options in (([], ""), (["MODEL=a.onnx"], " --model a.onnx")):
        make = ["make", "--dry-run", "--no-print-directory", "predict", *variables]
        done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)
        command = f"python -m fashion_predict.cli{options} examples"
        assert done.stdout.splitlines()[-1].split() == command.split()
