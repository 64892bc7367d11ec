"""Serving: Triton's configuration, the Docker image, and `dvc get` and `dvc import` of results."""

import re
import shlex
import shutil
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import PurePath

import onnxruntime
import pytest
from google.protobuf import text_format
from tritonclient.grpc.model_config_pb2 import DataType, ModelConfig

from tests.conftest import ROOT, files
from tools.card import is_fashion_mnist
from tools.checkout import Checkout

TRITON = sorted((ROOT / "deploy/triton").glob("*/config.pbtxt"))
TYPES = {"tensor(uint8)": "TYPE_UINT8", "tensor(float)": "TYPE_FP32", "tensor(int64)": "TYPE_INT64"}
TEST_DATA = "data/processed/test"


def type_and_shape(tensor):
    """Of an input or output in a configuration, without the batch dimension."""
    dims = tensor.reshape.shape if tensor.HasField("reshape") else tensor.dims
    return DataType.Name(tensor.data_type), list(dims)


@pytest.mark.parametrize("path", TRITON, ids=lambda path: path.parent.name)
def test_the_triton_configuration_matches_the_exported_model(path, committed_params):
    config = text_format.Parse(path.read_text(), ModelConfig())  # refuses unknown keys
    model = ROOT / "models" / f"{path.parent.name}.onnx"
    if not model.exists():
        pytest.skip(f"{model.name} is missing; run `dvc pull`, or `make repro`")
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    dims = [[*tensor.dims] for tensor in (config.input[0], config.output[0])]
    if dims == [[28, 28], [10]] and not is_fashion_mnist(committed_params):
        pytest.skip(f"{path} is for Fashion-MNIST; to use Triton, change each dims in it")
    for tensors, configured in (
        (session.get_inputs(), config.input),
        (session.get_outputs(), config.output),
    ):
        assert {tensor.name: type_and_shape(tensor) for tensor in configured} == {
            tensor.name: (TYPES[tensor.type], tensor.shape[1:]) for tensor in tensors
        }
        assert not any(isinstance(tensor.shape[0], int) for tensor in tensors), "any batch size"
    assert (config.name, config.backend) == (path.parent.name, "onnxruntime")


def instructions():
    """The instructions of the Dockerfile: name and words."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy/Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(words[0], words[1:]) for words in map(shlex.split, lines) if words]


def copies():
    """The sources in the project and the targets in the image of what the Dockerfile copies."""
    return [
        (source, words[-1])
        for name, words in instructions()
        if name == "COPY" and not words[0].startswith("--from")
        for source in words[:-1]
    ]


def is_ignored(path):
    """Whether the last pattern of `.dockerignore` that matches `path` excludes it."""
    ignored = False
    prefixes = [path, *map(str, PurePath(path).parents)]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if not line.startswith("#") and any(fnmatchcase(prefix, pattern) for prefix in prefixes):
            ignored = not line.startswith("!")
    return ignored


@pytest.mark.usefixtures("packaged_models")
def test_the_image_is_built_from_files_that_docker_sees():
    assert [source for source, _ in copies() if not (ROOT / source).exists()] == []
    assert [source for source, _ in copies() if is_ignored(source)] == []
    assert all(is_ignored(path) for path in ("data/raw", ".venv", "models/cnn.keras", ".git"))


def test_the_image_installs_the_lock_with_hashes_and_runs_the_command_as_nobody():
    commands = [" ".join(words) for name, words in instructions() if name == "RUN"]
    (locked,) = [command for command in commands if "--require-hashes" in command]
    assert "--requirement requirements-serve.lock" in locked
    assert all("--no-deps" in command for command in commands if command != locked)
    last = dict(instructions())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert last["USER"] == ["nobody"]
    assert last["ENTRYPOINT"] == [f"[{', '.join(project['scripts'])}]"]


@pytest.mark.usefixtures("packaged_models")
def test_the_copied_files_are_enough_to_build_the_wheel(tmp_path):
    for source, target in copies():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / target)
        else:
            (tmp_path / target).mkdir(exist_ok=True)
            shutil.copy(ROOT / source, tmp_path / target)
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "wheels")
    Checkout(tmp_path).run(*command)
    assert [*(tmp_path / "wheels").glob("*.whl")]


@pytest.mark.slow
def test_models_and_data_can_be_fetched_as_documented(project, tmp_path):
    """By `dvc get` and `dvc import`, from a bare Git repository and a DVC remote."""
    published, other = str(tmp_path / "published.git"), Checkout(tmp_path / "elsewhere")
    project.run("dvc", "remote", "add", "--default", "storage", str(tmp_path / "remote"))
    project.git("commit", "--quiet", "--all", "--message=A remote")
    project.run("dvc", "push")
    project.git("clone", "--quiet", "--bare", ".", published)
    other.folder.mkdir()
    other.git("init", "--quiet", "--initial-branch=main")
    other.run("dvc", "init", "--quiet")
    other.run("dvc", "get", published, "models/mlp.keras")
    found, original = other.folder / "mlp.keras", project.folder / "models/mlp.keras"
    assert found.read_bytes() == original.read_bytes()
    other.run("dvc", "import", published, TEST_DATA)
    assert content(other.folder / "test") == content(project.folder / TEST_DATA)


def content(folder):
    """The bytes of each file below `folder`."""
    return {path: (folder / path).read_bytes() for path in files(folder)}
