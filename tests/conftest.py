"""A small data set and a small project to run the pipeline on, made anew for each test run."""

import random
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from benchmarks.checkout import Checkout
from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.digests import sha256
from fashion.params import Params, load_params
from fashion.runtime import make_deterministic

ROOT = Path(__file__).parent.parent
PROJECT_FILES = (
    "stages",
    "fashion",
    "benchmarks",
    "verification",
    "dvc.yaml",
    ".dvcignore",
    ".gitignore",
    ".dvc/config",
    ".dvc/plots",
    "tune",
)


@pytest.fixture(scope="session", autouse=True)
def _tensorflow_with_two_threads():
    """TensorFlow takes its thread count once in a process: before the first operation."""
    make_deterministic(seed=0, threads=2)


@pytest.fixture
def rng():
    """A source of places to damage."""
    return random.Random(0)


def idx_bytes(values):
    """`values` (uint8) as an IDX file."""
    header = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes()
    return header + values.astype(np.uint8).tobytes()


def small_part(per_class, seed):
    """Images and labels: a bright bar at a place that tells the class, on noise."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(CLASS_NAMES), dtype=np.uint8), per_class))
    images = rng.integers(0, 160, (len(labels), *IMAGE_SHAPE), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, 2 * label + 2 : 2 * label + 5] = 255
    images[0, 0, 0] = 0
    return images, labels


@pytest.fixture(scope="session")
def idx_folder(tmp_path_factory):
    """The four files of a data set with 40 training and 12 test images of each class."""
    folder = tmp_path_factory.mktemp("idx")
    for name, per_class in (("train", 40), ("t10k", 12)):
        images, labels = small_part(per_class, seed=per_class)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


@pytest.fixture(scope="session")
def hashes(idx_folder):
    return {path.name: sha256(path) for path in sorted(idx_folder.iterdir())}


@pytest.fixture(scope="session")
def small_document(idx_folder, hashes):
    """`params.yaml` of the project, for the small data set and a few seconds of training."""
    document = YAML(typ="safe").load(ROOT / "params.yaml")
    document["download"] |= {"sources": [{"directory": str(idx_folder)}], "sha256": hashes}
    document["preprocess"]["validation_images"] = 100
    for model in document["models"].values():
        model["fit"] |= {"epochs": 2, "batch_size": 32, "steps_per_execution": 4}
    document["models"]["mlp"]["network"]["units"] = [16]
    document["models"]["cnn"]["network"]["filters"] = [4, 8, 8]
    document["tune"] |= {
        "validation_images": 200,
        "budget": {"trials": 3, "minutes": 10.0},
        "algorithm": {"kind": "hyperband", "epochs": 2, "factor": 2, "iterations": 1},
    }
    document["tune"]["space"]["network"] |= {"depth": [2, 3], "filters": [[2, 4], [4, 8], [4, 8]]}
    document["plot"] |= {"mistakes": 6, "examples": 4, "dpi": 60}
    return document


@pytest.fixture(scope="session")
def small_params(small_document) -> Params:
    return Params.model_validate(small_document)


@pytest.fixture(scope="session")
def committed_params() -> Params:
    return load_params(ROOT / "params.yaml")


def write_yaml(path, document):
    YAML().dump(document, path)


def copy_project(folder, document):
    """A committed checkout of the project in `folder` with `document` as its `params.yaml`."""
    for name in PROJECT_FILES:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name in ("data", "models"):
        (folder / name).mkdir()
        shutil.copy(ROOT / name / ".gitignore", folder / name)
    write_yaml(folder / "params.yaml", document)
    project = Checkout(folder)
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Start")
    return project


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory, small_document):
    """A small project after its first `dvc repro`, with all of it committed."""
    project = copy_project(tmp_path_factory.mktemp("project"), small_document)
    project.run("dvc", "repro")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Results")
    return project


@pytest.fixture
def project(reproduced, tmp_path):
    """A copy of the reproduced project, cache and outputs included, to change at will."""
    shutil.copytree(reproduced.folder, tmp_path / "copy", symlinks=True)
    return Checkout(tmp_path / "copy")


def change_params(project, change):
    document = YAML(typ="safe").load(project.folder / "params.yaml")
    change(document)
    write_yaml(project.folder / "params.yaml", document)


def another_machine(project, folder):
    """A clone of `project` in `folder` with its parameters and data, and nothing else of it."""
    clone = Checkout.clone(project.folder, folder)
    for name in ("params.yaml", "data"):
        clone.run("cp", "-r", str(project.folder / name), str(folder))
    return clone


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
