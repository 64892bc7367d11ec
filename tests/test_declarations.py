"""What `dvc.yaml` declares is what the code uses: no stale result, no needless rerun."""

import ast
import inspect
from importlib import import_module

import pytest
from ruamel.yaml import YAML

from fashion.digests import md5
from fashion.params import Params
from tests.conftest import ROOT

PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")
SEARCH = YAML(typ="safe").load(ROOT / "tune/dvc.yaml")
STAGES = PIPELINE["stages"] | SEARCH["stages"]
SEARCHED = "cnn"
NETWORK = "${item.network}"
SCRATCH = ".runs"  # what running stages keep for themselves, and no stage is made from


def tree(module):
    return ast.parse((ROOT / module).read_text("utf-8"))


def imported(module):
    """The project files that a file imports itself, wherever in it the import stands."""
    names = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    files = {f"{name.replace('.', '/')}.py" for name in names}
    return {file for file in files if (ROOT / file).exists()}


def used(module):
    """The file itself and all project files that it imports, directly or through others."""
    files, waiting = set(), {module}
    while waiting:
        file = waiting.pop()
        files.add(file)
        waiting |= imported(file) - files
    return files


def params_read(module):
    """The dotted params keys that a stage reads, as `dvc.yaml` would name them."""
    chains = {chain(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)}
    keys = {key for key in chains if key}
    return {key for key in keys if not any(other.startswith(f"{key}.") for other in keys)}


def chain(node):
    """`params.a.b` as "a.b" and `params.model` as its section; None for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not (isinstance(node, ast.Name) and node.id == "params"):
        return None
    first, *rest = reversed(parts)
    return ".".join([f"models.{NETWORK}" if first == "model" else first, *rest])


@pytest.mark.parametrize("stage", STAGES)
def test_code_dependencies_are_exactly_the_files_imported(stage):
    declared = {path for path in STAGES[stage]["deps"] if path.endswith(".py")}
    assert declared == used(f"stages/{stage}.py")


@pytest.mark.parametrize("package", ["stages", "fashion"])
def test_packages_run_no_code_of_their_own_when_imported(package):
    (docstring,) = tree(f"{package}/__init__.py").body
    assert isinstance(docstring, ast.Expr)


@pytest.mark.parametrize("stage", STAGES)
def test_params_are_exactly_the_keys_read(stage):
    read = params_read(f"stages/{stage}.py")
    declared = set(STAGES[stage]["params"])
    if stage in SEARCH["stages"]:
        declared = {key.replace(f"models.{SEARCHED}", f"models.{NETWORK}") for key in declared}
    covered = {key for key in read for name in declared if f"{key}.".startswith(f"{name}.")}
    assert covered == read, "a key is read that is not declared"
    needed = {name for name in declared for key in read if f"{key}.".startswith(f"{name}.")}
    assert needed == declared, "a key is declared that is not read"


@pytest.mark.parametrize("stage", STAGES)
def test_params_are_never_handed_on_whole(stage):
    """Only attributes of `params` may be used: a function given all of it could read any key."""
    nodes = list(ast.walk(tree(f"stages/{stage}.py")))
    whole = [node for node in nodes if isinstance(node, ast.Name) and node.id == "params"]
    attributes = [
        node.value
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    loads = [node for node in whole if isinstance(node.ctx, ast.Load)]
    assert loads
    assert all(any(node is value for value in attributes) for node in loads)


@pytest.mark.parametrize("stage", STAGES)
def test_paths_that_main_defaults_to_are_those_declared(stage):
    parameters = inspect.signature(import_module(f"stages.{stage}").main).parameters
    folders = {p.default for p in parameters.values() if isinstance(p.default, str)}
    declared = [
        path if isinstance(path, str) else next(iter(path))
        for key in ("deps", "outs", "metrics", "plots")
        for path in STAGES[stage].get(key, [])
    ]
    data = [path for path in declared if not path.endswith(".py")]
    assert all(any(path.startswith(f"{folder}/") for folder in folders) for path in data)
    for folder in folders - {"params.yaml", SCRATCH}:
        assert any(path.startswith(f"{folder}/") for path in data), f"{folder} is not declared"


def test_the_lock_is_of_this_code_and_these_params():
    """Results are committed with the code that made them: run `make repro`, commit both."""
    locks = [YAML(typ="safe").load(ROOT / place) for place in ("dvc.lock", "tune/dvc.lock")]
    locked = {run: stage for lock in locks for run, stage in lock["stages"].items()}
    stale = [
        (run, dep["path"])
        for run, stage in locked.items()
        for dep in stage["deps"]
        if dep["path"].endswith(".py") and dep["md5"] != md5(ROOT / dep["path"])
    ] + [
        (run, key)
        for run, stage in locked.items()
        for key, value in stage["params"]["params.yaml"].items()
        if value != value_of(key)
    ]
    assert not stale


def value_of(key):
    value = YAML(typ="safe").load(ROOT / "params.yaml")
    for part in key.split("."):
        value = value[part]
    return value


def test_stages_are_in_the_order_of_the_data_and_have_a_script_and_a_description_each():
    assert list(PIPELINE["stages"]) == ["download", "preprocess", "train", "evaluate", "plot"]
    for name, stage in STAGES.items():
        arguments = f" {NETWORK}" if "matrix" in stage else ""
        arguments = f" {SEARCHED}" if name in SEARCH["stages"] else arguments
        assert stage["cmd"] == f"python -m stages.{name}{arguments}"
        assert stage["desc"]


def test_stages_never_import_one_another():
    for stage in STAGES:
        assert {
            file for file in imported(f"stages/{stage}.py") if file.startswith("stages")
        } == set()


def test_every_network_is_trained_judged_drawn_and_published(committed_params: Params):
    networks = list(committed_params.models)
    for stage in ("train", "evaluate", "plot"):
        assert STAGES[stage]["matrix"] == {"network": networks}
    assert PIPELINE["metrics"] == [f"reports/{network}/metrics.json" for network in networks]
    assert {name: entry["path"] for name, entry in PIPELINE["artifacts"].items()} == {
        network: f"models/{network}.keras" for network in networks
    }
    shown = str(PIPELINE["plots"])
    for network in networks:
        assert f"reports/{network}/predictions.csv" in shown
        assert f"reports/{network}/history/plots/metrics/eval/loss.tsv" in shown


def test_a_search_is_no_part_of_a_plain_repro_and_sees_no_test_data():
    (stage,) = SEARCH["stages"].values()
    assert stage["wdir"] == ".."
    assert not set(SEARCH["stages"]) & set(PIPELINE["stages"])
    assert "test_" not in str(stage["deps"])


def test_only_train_and_preprocess_see_training_data_and_only_the_rest_test_data():
    readers = {
        name: {part for part in ("train_", "validation_", "test_") if part in str(stage["deps"])}
        for name, stage in STAGES.items()
    }
    assert readers["train"] == {"train_", "validation_"}
    assert readers["evaluate"] == readers["plot"] == {"test_"}


def test_rooms_that_hold_the_subject_know_no_files_and_figures_know_no_models():
    files = {"fashion/artifacts.py", "fashion/archive.py", "fashion/idx.py", "fashion/sources.py"}
    for room in ("augment", "figures", "inspection", "layers", "networks", "scores", "split"):
        assert not used(f"fashion/{room}.py") & files
    text = (ROOT / "fashion/figures.py").read_text()
    assert "keras" not in text
    assert "tensorflow" not in text
