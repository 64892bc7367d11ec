"""What serves an exported model agrees with the model; what a stranger takes from here is whole."""

import re
import shlex
import shutil
import sys
import tomllib
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path

import onnxruntime
import pytest
from google.protobuf import text_format
from tritonclient.grpc.model_config_pb2 import DataType, ModelConfig

from tests.conftest import ROOT, files
from tools.checkout import Checkout

TRITON = sorted((ROOT / "deploy/triton").glob("*/config.pbtxt"))
TYPES = {"tensor(uint8)": "TYPE_UINT8", "tensor(float)": "TYPE_FP32", "tensor(int64)": "TYPE_INT64"}
TEST_DATA = "data/processed/test"
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT"}


def triton_config(path):
    """The file as Triton's own schema reads it; unknown keys and types are errors."""
    return text_format.Parse(path.read_text(), ModelConfig())


def described(tensor):
    """Type and shape, without that of the batch, of an input or output in a configuration."""
    dims = tensor.reshape.shape if tensor.HasField("reshape") else tensor.dims
    return DataType.Name(tensor.data_type), list(dims)


@pytest.mark.parametrize("path", TRITON, ids=lambda path: path.parent.name)
def test_triton_expects_what_the_exported_model_has(path):
    """Where this fails for data of your own: their sizes are in `dims` of the file."""
    config = triton_config(path)
    model = ROOT / "models" / f"{path.parent.name}.onnx"
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    for tensors, written in (
        (session.get_inputs(), config.input),
        (session.get_outputs(), config.output),
    ):
        assert {tensor.name: described(tensor) for tensor in written} == {
            tensor.name: (TYPES[tensor.type], tensor.shape[1:]) for tensor in tensors
        }
        assert not any(isinstance(tensor.shape[0], int) for tensor in tensors), "count is free"


@pytest.mark.parametrize("path", TRITON, ids=lambda path: path.parent.name)
def test_triton_makes_batches_of_its_own(path):
    config = triton_config(path)
    assert config.name == path.parent.name
    assert config.backend == "onnxruntime"
    assert config.max_batch_size > 1
    assert config.HasField("dynamic_batching")
    assert all(tensor.dims for tensor in (*config.input, *config.output)), "Triton refuses none"


def test_triton_s_schema_refuses_a_misspelt_key():
    with pytest.raises(text_format.ParseError, match="max_batch"):
        text_format.Parse("max_batch: 1", ModelConfig())


def instructions():
    """The instructions of the Dockerfile: name and words."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy/Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(words[0], words[1:]) for words in map(shlex.split, lines) if words]


def copied():
    """What the Dockerfile copies from the project, and where in the image to."""
    return [
        (source, words[-1])
        for name, words in instructions()
        if name == "COPY" and not words[0].startswith("--from")
        for source in words[:-1]
    ]


def is_ignored(path):
    """Whether `.dockerignore` keeps `path` from the builder: the last pattern that matches it."""
    ignored = False
    parts = path.split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if not line.startswith("#") and any(fnmatchcase(prefix, pattern) for prefix in prefixes):
            ignored = not line.startswith("!")
    return ignored


def test_the_image_is_made_of_files_that_are_there():
    assert {name for name, _ in instructions()} == INSTRUCTIONS
    assert [source for source, _ in copied() if not (ROOT / source).exists()] == []
    assert [source for source, _ in copied() if is_ignored(source)] == []
    assert all(is_ignored(path) for path in ("data/raw", ".venv", "models/cnn.keras", ".git"))


def test_the_image_installs_the_lock_with_hashes_and_runs_the_command_as_nobody():
    commands = [words for name, words in instructions() if name == "RUN"]
    locked = [words for words in commands if "--require-hashes" in words]
    assert [words[words.index("--requirement") + 1] for words in locked] == [
        "requirements-predict.lock"
    ]
    assert all("--no-deps" in words for words in commands if words not in locked)
    last = dict(instructions())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert last["USER"] == ["nobody"]
    assert last["ENTRYPOINT"] == [f"[{', '.join(project['scripts'])}]"]


def test_what_the_image_copies_is_enough_for_the_package(tmp_path):
    """Built with the project's own build backend, from these files alone."""
    for source, target in copied():
        path = tmp_path / target / (ROOT / source).name
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, tmp_path / target, ignore=ignored, dirs_exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, path)
    Checkout(tmp_path).run(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "wheels"
    )
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {f"fashion_predict/{name}" for name in files(ROOT / "fashion_predict")}
    expected = {name for name in expected if name.endswith(".py")}
    assert packed == expected | {"fashion_predict/cnn.onnx"}


@pytest.fixture
def published(project, tmp_path):
    """The small project pushed: a bare Git repository, and a folder as DVC's remote."""
    remote = tmp_path / "remote"
    project.run("dvc", "remote", "add", "--default", "storage", str(remote))
    project.git("commit", "--quiet", "--all", "--message=A remote")
    project.run("dvc", "push")
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "published.git"))
    project.git("remote", "add", "origin", str(tmp_path / "published.git"))
    return str(tmp_path / "published.git")


@pytest.fixture
def elsewhere(tmp_path):
    """Another repository, with nothing of this project."""
    other = Checkout(tmp_path / "elsewhere")
    other.folder.mkdir()
    other.git("init", "--quiet", "--initial-branch=main")
    other.run("dvc", "init", "--quiet")
    return other


@pytest.mark.slow
def test_another_repository_gets_the_model_and_imports_the_data(project, published, elsewhere):
    """The commands of docs/serving.md."""
    for path in ("models/mlp.keras", "reports/mlp/metrics.json"):
        elsewhere.run("dvc", "get", published, path)
        found = elsewhere.folder / Path(path).name
        assert found.read_bytes() == (project.folder / path).read_bytes()
    elsewhere.run("dvc", "import", published, TEST_DATA)
    first = content(project.folder / TEST_DATA)
    assert content(elsewhere.folder / "test") == first

    labels = project.folder / TEST_DATA / "labels.npy"
    labels.unlink()  # a link into the cache, perhaps
    labels.write_bytes(b"other labels")
    project.run("dvc", "commit", "--force", "preprocess")
    project.git("commit", "--quiet", "--all", "--message=Other labels")
    project.run("dvc", "push")
    project.git("push", "--quiet", "origin", "main")
    assert content(elsewhere.folder / "test") == first
    elsewhere.run("dvc", "update", "test.dvc")
    assert content(elsewhere.folder / "test") == content(project.folder / TEST_DATA) != first
    elsewhere.run("dvc", "get", published, TEST_DATA, "--rev", "main~1", "--out", "before")
    assert content(elsewhere.folder / "before") == first


def content(folder):
    """The bytes of each file below `folder`."""
    return {path: (folder / path).read_bytes() for path in files(folder)}
