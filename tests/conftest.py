"""A small data set and a small project to run the pipeline on, made anew for each test run."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.params import Params, load_params
from fashion.runtime import make_deterministic

ROOT = Path(__file__).parent.parent
PROJECT_FILES = ("stages", "fashion", "dvc.yaml", ".dvcignore", ".gitignore", ".dvc/config")


@pytest.fixture(scope="session", autouse=True)
def _tensorflow_with_two_threads():
    """TensorFlow takes its thread count once in a process: before the first operation."""
    make_deterministic(seed=0, threads=2)


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
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(idx_folder.iterdir())
    }


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


class Project:
    """A checkout of this project in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder

    def run(self, *command, check=True):
        """Run `command` in the project with this Python's programs; return what it printed."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done

    def git(self, *arguments):
        identity = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
        return self.run("git", *identity, *arguments).stdout

    def stages_run(self):
        """What `dvc repro` ran, in order."""
        output = self.run("dvc", "repro").stdout
        lines = [line for line in output.splitlines() if line.startswith("Running stage")]
        return [line.split("'")[1] for line in lines]


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
    project = Project(folder)
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Start")
    return project
