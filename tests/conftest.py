"""A small data set with other classes and sizes, and a small project that runs the pipeline."""

import shutil
import socket
import tomllib
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from ruamel.yaml import YAML

from fashion.config.model import Augment, Model
from fashion.config.params import Params
from fashion.io.files import sha256
from fashion.io.labeled_images import LabeledImages
from fashion.models.determinism import make_deterministic
from tools.card import is_fashion_mnist
from tools.checkout import Checkout  # isolates this process from the user's settings

ROOT = Path(__file__).parent.parent
PROJECT_FILES = (
    "stages",
    "fashion",
    "fashion_predict",
    "tools",
    "benchmarks",
    "research",
    "dvc.yaml",
    ".dvcignore",
    ".gitattributes",
    ".gitignore",
)
CLASSES = ["circle", "square", "star", "arrow", "no shape"]
SHAPE = (20, 20)
SELECTION = {"fraction": 0.5, "hard_fraction": 0.3, "full_epochs_start": 1, "full_epochs_end": 0}
FIT = {
    "epochs": 2,
    "batch_size": 16,
    "instructions": "avx2",
    "precision": "float32",
    "steps_per_execution": 4,
    "selection": SELECTION | {"fraction": 1.0},
    "progressive_resizing": None,
    "optimizer": {"kind": "adam"},
    "learning_rate": 0.01,
    "warmup": 0.2,
    "decay": "linear",
    "label_smoothing": 0.0,
    "class_weights": "none",
    "ema_momentum": 0.0,
}
MUON = {
    "kind": "muon",
    "kernel_momentum": 0.6,
    "bias_lr_scale": 4.0,
    "momentum": 0.85,
    "weight_decay": 0.1,
}
UNCHANGED = dict.fromkeys(Augment.model_fields, 0) | {"flip": False}
MODELS = {
    "mlp": {
        "network": {"kind": "mlp", "units": [16], "dropout": 0.3},
        "augment": UNCHANGED,
        "fit": FIT,
        "tta": "none",
    },
    "cnn": {
        "network": {
            "kind": "cnn",
            "filters": [4, 8, 8],
            "branch_depth": 2,
            "kernel_size": 3,
            "dropout": 0.0,
        },
        "augment": UNCHANGED | {"flip": True, "shift": 1, "cutout": 3},
        "fit": FIT
        | {"optimizer": MUON, "selection": SELECTION, "label_smoothing": 0.1, "ema_momentum": 0.9},
        "tta": "flip_shift",
    },
}


@pytest.fixture(scope="session", autouse=True)
def _tensorflow_with_two_threads():
    """TensorFlow takes the number of threads before its first operation only."""
    make_deterministic(seed=0, threads=2)


def idx_bytes(values):
    """`values` (uint8) as an IDX file."""
    header = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes()
    return header + values.astype(np.uint8).tobytes()


def small_split(per_class, seed, classes=5, shape=SHAPE):
    """`LabeledImages` with noise and a bright bar, whose position tells the class."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(classes, dtype=np.uint8), per_class))
    images = rng.integers(0, 160, (len(labels), *shape), dtype=np.uint8)
    width = shape[1] // classes
    for image, label in zip(images, labels, strict=True):
        image[:, width * label : width * (label + 1)] = 255
    images[0, 0, 0] = 0
    return LabeledImages(images, labels)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory, worker_id):
    """A folder that all processes of a test run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def idx_folder(shared_folder):
    """The four IDX files of a data set with 40 training and 12 test images per class."""
    folder = shared_folder / "idx"
    with FileLock(f"{folder}.lock"):
        folder.mkdir(exist_ok=True)
        for name, per_class in (("train", 40), ("t10k", 12)):
            images, labels = small_split(per_class, seed=per_class)
            for content, values in (("images-idx3", images), ("labels-idx1", labels)):
                path = folder / f"{name}-{content}-ubyte"
                if not path.exists():
                    path.write_bytes(idx_bytes(values))
    return folder


@pytest.fixture(scope="session")
def digests(idx_folder):
    return {path.name: sha256(path) for path in sorted(idx_folder.iterdir())}


@pytest.fixture(scope="session")
def small_document(idx_folder, digests):
    """`params.yaml` for the small data set, two small networks and short trainings."""
    document = YAML(typ="safe").load(ROOT / "params.yaml")
    height, width = SHAPE
    document["data"] |= {
        "name": "Shapes",
        "homepage": None,
        "license": None,
        "classes": CLASSES,
        "image_height": height,
        "image_width": width,
        "channels": 1,
        "preprocessing": "fashion_mnist",
    }
    document["download"] |= {
        "images": None,
        "sources": [{"directory": str(idx_folder)}],
        "files": [{"name": name, "sha256": digest} for name, digest in digests.items()],
    }
    document["preprocess"] |= {
        "validation_images": 50,
        "seed": 0,
        "max_imbalance": 1.0,
        "test_fraction": 0.2,
        "unreadable": "refuse",
    }
    document |= {"models": MODELS, "champions": {}}
    document["ood_detection"] = {"knn_bank_size": 6000, "k": 5, "target_fpr": 0.03}
    document["train"] = {"seed": 0, "threads": 2}
    document["plot"] |= {"mistakes": 6, "examples": 4, "dpi": 60}
    document["tune"] |= {
        "network": "cnn",
        "validation_images": 50,
        "algorithm": {"kind": "random", "epochs": 1, "trials": 2},
        "space": {"network.dropout": [0.0, 0.1]},
    }
    return document


@pytest.fixture(scope="session")
def small_params(small_document) -> Params:
    return Params.model_validate(small_document)


@pytest.fixture(scope="session")
def committed_params() -> Params:
    return Params.load(ROOT / "params.yaml")


@pytest.fixture(scope="session")
def fashion_mnist(committed_params):
    """For tests of committed results on Fashion-MNIST; skips with other data in `params.yaml`."""
    if not is_fashion_mnist(committed_params):
        pytest.skip("about Fashion-MNIST, and params.yaml has other data")


@pytest.fixture(scope="session")
def packaged_models():
    """The models that `pip install .` installs, the default one first, and their names there."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    models = build["targets"]["wheel"]["force-include"]
    for source in models:
        if not (ROOT / source).exists():
            pytest.skip(f"{source} is missing; run `dvc pull`, or name another in pyproject.toml")
    return {ROOT / source: target for source, target in models.items()}


@pytest.fixture(params=MODELS)
def small_model(request) -> Model:
    return Model.model_validate(MODELS[request.param])


def write_yaml(path, document):
    YAML().dump(document, path)


def copy_project(folder, document):
    """A committed copy of the project in `folder`, with `document` as `params.yaml`."""
    for name in PROJECT_FILES:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text("[core]\n    analytics = false\n")
    for name in ("data", "models"):
        (folder / name).mkdir()
        shutil.copy(ROOT / name / ".gitignore", folder / name)
    for path in (ROOT / "data/backbones").glob("*/.gitkeep"):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True)
        target.touch()
    write_yaml(folder / "params.yaml", document)
    project = Checkout(folder)
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Start")
    return project


def reproduce_once(folder, document, *targets):
    """A small project after its first `dvc repro targets`, committed.

    The first process that asks for it makes it. Tests must not change it.
    """
    project, done = Checkout(folder), folder.with_suffix(".done")
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            copy_project(folder, document).run("dvc", "repro", *targets)
            project.git("add", "--all")
            project.git("commit", "--quiet", "--message=Results")
            done.touch()
    return project


@pytest.fixture(scope="session")
def reproduced(shared_folder, small_document):
    return reproduce_once(shared_folder / "project", small_document)


@pytest.fixture
def project(reproduced, tmp_path):
    """A copy of the reproduced project, with cache and outputs, that a test may change."""
    shutil.copytree(reproduced.folder, tmp_path / "copy", symlinks=True)
    return Checkout(tmp_path / "copy")


@pytest.fixture
def clone(reproduced, tmp_path):
    """A fresh clone of the reproduced project, with an empty cache."""
    return Checkout.clone(reproduced.folder, tmp_path / "clone", "main")


def change_params(project, change):
    document = YAML(typ="safe").load(project.folder / "params.yaml")
    change(document)
    write_yaml(project.folder / "params.yaml", document)


def another_machine(project, folder):
    """A clone of `project` in `folder` with its present parameters and data."""
    clone = Checkout.clone(project.folder, folder)
    for name in ("params.yaml", "data"):
        clone.run("cp", "-r", str(project.folder / name), str(folder))
    return clone


def files(folder):
    """Every file below `folder`, as paths relative to it."""
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


def free_ports(count):
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [server.getsockname()[1] for server in servers]
