"""The wheel holds the predictor and its model; it needs the packages of its own lock only."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from fashion_predict import Classifier
from tests.conftest import ROOT, files
from tests.data.image_files import write_class

LOCKED = re.findall(  # without packages for Windows only
    r"^([\w.-]+)==\S+ \\$", (ROOT / "requirements-predict.lock").read_text(), re.MULTILINE
)
MODULES = ("fashion", "tensorflow", "keras", "pandas", "pydantic", "onnx", "ruamel")
RUN = """
import sys
from importlib.util import find_spec
sys.path.append(sys.argv.pop(1))
from fashion_predict.cli import main
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory, packaged_models):
    """A folder with the wheel and links to the packages of its lock in this environment."""
    folder = tmp_path_factory.mktemp("site-packages")
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", target]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(*target.glob("*.whl")) as wheel:
        wheel.extractall(folder)
    for name in LOCKED:
        for file in importlib.metadata.files(name):
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).symlink_to(file.locate())
    return folder


def run(installed, code, *arguments):
    """Run `code` with the standard library and `installed` only."""
    command = [sys.executable, "-I", "-S", "-c", RUN + code, installed, *arguments]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_wheel_holds_the_predictor_alone(installed, packaged_models):
    [metadata] = installed.glob("fashion_classifier-*.dist-info")
    assert files(metadata / "licenses") == {"LICENSE", "LICENSES/Apache-2.0.txt", "NOTICE"}
    record = (metadata / "RECORD").read_text().splitlines()
    names = {line.split(",")[0] for line in record if ".dist-info/" not in line}
    code = {f"fashion_predict/{name}" for name in files(ROOT / "fashion_predict")}
    assert names == {name for name in code if name.endswith(".py")} | {*packaged_models.values()}
    for source, target in packaged_models.items():
        assert (installed / target).read_bytes() == source.read_bytes()


def test_the_command_classifies_images_without_other_packages(installed, packaged_models):
    assert run(installed, f"print([name for name in {MODULES} if find_spec(name)])") == "[]\n"
    write_class(installed / "images", label=0, count=3)
    rows = json.loads(run(installed, "main()", "--model", "cnn", "--format", "json", "images"))
    model = Classifier.load(next(iter(packaged_models)))
    assert {(row["model"], row["dataset"]) for row in rows} == {(model.name, model.dataset)}
    assert {row["label"] for row in rows} <= {*model.classes, None}


@pytest.mark.usefixtures("fashion_mnist")
def test_the_installed_model_knows_the_garments_of_the_examples(installed):
    shutil.copytree(ROOT / "examples", installed / "examples", dirs_exist_ok=True)
    rows = json.loads(run(installed, "main()", "--format", "json", "examples"))
    assert {row["file"].removeprefix("examples/"): row["label"] for row in rows} == {
        "ankle-boot.png": "Ankle boot",
        "bag-transparent.png": "Bag",
        "sneaker.jpg": "Sneaker",
        "star.jpg": None,
        "trouser-dark.webp": "Trouser",
    }
