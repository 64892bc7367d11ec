"""The wheel is all that people need, with the few packages of its own lock."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT

LOCKED = re.findall(  # without what Windows alone needs
    r"^([\w.-]+)==\S+ \\$", (ROOT / "requirements-predict.lock").read_text(), re.MULTILINE
)
COMMAND = """
import sys
sys.path.append(sys.argv.pop(1))
from fashion_predict.cli import main
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel, and the packages of the lock copied from this environment."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for name in LOCKED:
        for file in importlib.metadata.files(name):
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).symlink_to(file.locate())
    return folder


def run(installed, code, *arguments):
    """In a process that sees the standard library and `installed`, and nothing else."""
    command = [sys.executable, "-I", "-S", "-c", code, installed, *arguments]
    return subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)


def test_the_wheel_holds_the_classifier_its_model_and_the_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        model = archive.read("fashion_predict/cnn.onnx")
    assert model == (ROOT / "models/cnn.onnx").read_bytes()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    code = {name for name in names if name.endswith(".py")}
    outside = {name for name in code if not name.startswith("fashion_predict/")}
    assert outside == {"fashion/__init__.py", "fashion/errors.py"}


def test_another_model_is_packaged_where_pyproject_names_it(tmp_path):
    """What docs/own-data.md advises where there is no `cnn` of one's own."""
    for name in ("README.md", "LICENSE", "fashion/__init__.py", "fashion/errors.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "fashion_predict", tmp_path / "fashion_predict")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/own.onnx").write_bytes(b"an ONNX file")
    project = (ROOT / "pyproject.toml").read_text().replace("models/cnn.onnx", "models/own.onnx")
    (tmp_path / "pyproject.toml").write_text(project)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    [path] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        assert archive.read("fashion_predict/cnn.onnx") == b"an ONNX file"


def test_it_needs_the_packages_of_its_lock_and_no_other(installed):
    missing = ["tensorflow", "keras", "pandas", "pydantic", "onnx", "ruamel"]
    code = (
        COMMAND.replace("main()", "")
        + f"""
from importlib.util import find_spec
print([name for name in {missing} if find_spec(name)])
"""
    )
    done = run(installed, code)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_it_answers_the_examples(installed):
    shutil.copytree(ROOT / "examples", installed / "examples", dirs_exist_ok=True)
    done = run(installed, COMMAND, "--format", "json", "examples")
    assert done.stderr == ""
    assert done.returncode == 0
    predictions = json.loads(done.stdout)
    assert {(row["model"], row["data"]) for row in predictions} == {("cnn", "Fashion-MNIST")}
    rows = {row["file"]: row["label"] for row in predictions}
    assert len(rows) == 5
    assert rows["examples/sneaker.jpg"] == "Sneaker"
    assert rows["examples/star.jpg"] == "none of the classes"
