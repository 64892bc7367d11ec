"""Where none is named, a checkout predictions with a model of its own data or says which it has."""

import json
import shutil
import subprocess
import sys

import onnx
import pytest
from PIL import Image
from ruamel.yaml import YAML

from fashion_predict import Classifier, ModelError
from fashion_predict.default_model import choose, data_name
from tests.conftest import ROOT
from tests.fashion_predict.conftest import METADATA, halves

OTHERS = {"champion": "Fashion-MNIST", "cnn": "Fashion-MNIST", "mlp": "Fashion-MNIST"}
COMMAND = [sys.executable, "-m", "fashion_predict.cli"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Gives a project whose data are called Own, with models by name and the name of their data."""
    monkeypatch.chdir(tmp_path)

    def make(models, params="data:\n  name: Own # said with every result\n"):
        (tmp_path / "models").mkdir(exist_ok=True)
        for name, data in models.items():
            onnx.save(halves(METADATA | {"name": name, "data": data}), f"models/{name}.onnx")
        (tmp_path / "params.yaml").write_text(params)
        return tmp_path

    return make


def chosen(project):
    return choose(Classifier.load, project).name


def test_the_cnn_of_these_data_goes_before_others(project):
    assert chosen(project({"cnn": "Own", "mlp": "Own", "a": "Own"})) == "cnn"


def test_a_model_of_other_data_is_not_used(project):
    assert chosen(project(OTHERS | {"mlp": "Own"})) == "mlp"
    (project({}) / "models/notes.onnx").write_text("no model")
    assert chosen(project({})) == "mlp"


def test_models_of_other_data_are_listed(project):
    with pytest.raises(ModelError) as refused:
        chosen(project(OTHERS))
    assert str(refused.value) == (
        "models/ has no model of this project's data, Own; it has models/cnn.onnx (Fashion-MNIST), "
        "models/champion.onnx (Fashion-MNIST), models/mlp.onnx (Fashion-MNIST). Choose one with "
        "--model FILE (in Python Classifier.load(FILE)), or train one with `make repro`"
    )


def test_of_several_models_of_these_data_one_must_be_named(project):
    with pytest.raises(
        ModelError,
        match=r"several models of .*; it has models/a.onnx \(Own\), models/b.onnx \(Own\)\.",
    ):
        chosen(project({"a": "Own", "b": "Own"}))


def test_no_model_at_all_is_told(project):
    with pytest.raises(ModelError, match=r"Own; it has none at all\. .* with `make repro`$"):
        chosen(project({}))


def test_other_classes_are_other_data_whatever_their_name(project):
    """Who trains on own images and leaves the name as it was."""
    folder = project({"cnn": "Own", "mlp": "Own"})
    metadata = METADATA | {"name": "mlp", "data": "Own", "classes": '["a", "b"]'}
    onnx.save(halves(metadata), folder / "models/mlp.onnx")
    (folder / "data/processed").mkdir(parents=True)
    classes = folder / "data/processed/classes.json"
    classes.write_text(json.dumps({"classes": ["a", "b"]}))
    assert chosen(folder) == "mlp"
    classes.write_text(json.dumps({"classes": ["b", "a"]}))
    with pytest.raises(ModelError, match=r"models/cnn.onnx \(Own with other classes\), models/mlp"):
        chosen(folder)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("data:\n  name: Own\n", "Own"),
        ("data:\n  name: 'Own images' # mine\n", "Own images"),
        ('# first\ndata: # second\n  classes:\n  - a\n\n  name: "1e5"\n', "1e5"),
        ("train:\n  name: A\ndata:\n    channels: 3\n    name:  C# data \n", "C# data"),
        ("\ufeffdata:\r\n  name: Own\r\n", "Own"),
        ("data:\n  channels: 3\ntrain:\n  name: A\n", None),
        ("data: {name: Own}\n", None),
        ('data:\n  name: "\\u004f"\n', None),
        ("", None),
    ],
)
def test_the_name_of_the_data_is_read_or_not_known(tmp_path, text, name):
    (tmp_path / "params.yaml").write_bytes(text.encode())
    assert data_name(tmp_path) == name
    if name:
        assert YAML(typ="safe").load(tmp_path / "params.yaml")["data"]["name"] == name


def test_a_name_that_is_not_known_is_said_to_be(project):
    with pytest.raises(ModelError, match=r"this project's data \(data.name: not found\); it has"):
        chosen(project(OTHERS, "data: {name: Own}\n"))


def test_the_data_of_this_project_are_known():
    assert data_name(ROOT) == YAML(typ="safe").load(ROOT / "params.yaml")["data"]["name"]


def test_the_command_in_a_checkout_refuses_and_answers_as_it_advises(project):
    folder = project(OTHERS)
    shutil.copytree(ROOT / "fashion_predict", folder / "fashion_predict")
    for name in ("__init__.py", "errors.py"):
        shutil.copy(ROOT / "fashion" / name, folder / "fashion")
    image = Image.new("L", (6, 8))
    image.paste(200, (0, 0, 3, 8))
    image.save("left.png")
    done = run("left.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Choose one with --model FILE" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    named = run("--model", "models/mlp.onnx", "left.png")
    assert named.stdout.startswith("mlp, trained on Fashion-MNIST\n")
    project({"mlp": "Own"})  # as `make repro` would
    assert run("left.png").stdout.startswith("mlp, trained on Own\n")


def test_make_takes_a_model_from_its_command_line_alone(monkeypatch):
    monkeypatch.setenv("MODEL", "of the shell")
    for words, option in (([], []), (["MODEL=a.onnx"], ["--model", "a.onnx"])):
        make = ["make", "--dry-run", "--no-print-directory", "predict", *words]
        done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)
        command = ["python", "-m", "fashion_predict.cli", *option, "examples"]
        assert done.stdout.splitlines()[-1].split() == command


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
