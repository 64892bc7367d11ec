"""What `dvc.yaml` declares is what the code uses: no stale result, no needless rerun."""

import ast
import inspect
import re
import subprocess
from importlib import import_module
from pathlib import PurePath

import pytest
from ruamel.yaml import YAML

from fashion import PLUMBING
from fashion.config.model import Model
from fashion.config.params import Params
from tests.conftest import ROOT
from tools.champion import champion_stages
from tools.checkout import UP_TO_DATE

PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}
BUILDING = "fashion/networks/building.py"
KINDS = sorted(
    path.stem for path in (ROOT / "fashion/networks").glob("[a-z]*.py") if path != ROOT / BUILDING
)
KIND = "${item.network.kind}"
HOW_TO_FETCH = {f"download.{name}" for name in ("sources", "connect_seconds", "retries")}
SCRATCH = ".runs"  # what running stages keep for themselves, and no stage is made from


def tree(file):
    return ast.parse((ROOT / file).read_text("utf-8"))


def imported(file):
    """The project files that a file imports itself, wherever in it the import stands."""
    names = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    files = {f"{name.replace('.', '/')}.py" for name in names}
    if file == BUILDING:  # by the name of the kind
        files |= {f"fashion/networks/{kind}.py" for kind in KINDS}
    return {file for file in files if (ROOT / file).exists()}


def used(file):
    """The file itself and all project files that it imports, directly or through others."""
    files, waiting = set(), {file}
    while waiting:
        file = waiting.pop()
        files.add(file)
        waiting |= imported(file) - files
    return files


def is_plumbing(file):
    return any(PurePath(file).is_relative_to(name) for name in PLUMBING)


def code_entries(stage):
    """The declared code, with an entry for each kind of network that it may stand for."""
    entries = [path for path in STAGES[stage]["deps"] if path.startswith(("stages", "fashion"))]
    return {entry.replace(KIND, kind) for entry in entries for kind in KINDS}


def covers(entry, file):
    return PurePath(file).is_relative_to(entry)


@pytest.mark.parametrize("stage", STAGES)
def test_all_code_that_a_stage_imports_is_declared_and_all_that_is_declared_imported(stage):
    entries = code_entries(stage)
    files = {file for file in used(f"stages/{stage}.py") if not is_plumbing(file)}
    assert {file for file in files if not any(covers(entry, file) for entry in entries)} == set()
    assert {entry for entry in entries if not any(covers(entry, file) for file in files)} == set()


def test_plumbing_is_built_on_plumbing_alone():
    files = {path for name in PLUMBING for path in python_files(name)}
    assert len(files) > 10
    assert {file for path in files for file in imported(path) if not is_plumbing(file)} == set()


def python_files(name):
    path = ROOT / name
    found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [str(file.relative_to(ROOT)) for file in found]


NEVER = {
    "fashion_predict": ("fashion/training", "fashion/models", "fashion/networks"),
    "fashion/evaluation": ("fashion/training", "fashion/models", "fashion/io/files.py"),
    "fashion/export": ("fashion/training", "fashion/networks", "fashion/io/files.py"),
    "fashion/data": (
        "fashion/training",
        "fashion/models",
        "fashion/io/files.py",
        "fashion_predict/classifier.py",
    ),
    "fashion/plots": ("fashion/training", "fashion/models", "fashion/io/files.py"),
    "fashion/data_report": ("fashion/data", "fashion/models", "fashion/io/files.py"),
    "fashion/models": ("fashion/networks", "fashion/training", "fashion/data", "fashion/tuning"),
    "fashion/networks": (
        "fashion/training",
        "fashion/data",
        "fashion/io/files.py",
    ),
    "fashion/training": ("fashion/data", "fashion/evaluation", "fashion/plots"),
    "fashion": ("tools", "benchmarks", "research", "stages"),
    "stages": ("tools", "benchmarks", "research", "stages"),
}


@pytest.mark.parametrize("folder", NEVER)
def test_arrows_point_one_way(folder):
    for file in python_files(folder):
        wrong = {
            other
            for other in imported(file)
            if any(covers(name, other) for name in NEVER[folder])
            and (file, other) != ("fashion/models/saving.py", "fashion/io/files.py")
        }
        assert wrong == set(), file


NO_TENSORFLOW = ("fashion_predict", "fashion/data", "fashion/data_report", "fashion/plots")


@pytest.mark.parametrize("folder", NO_TENSORFLOW)
def test_no_tensorflow_where_it_is_not_needed(folder):
    for file in python_files(folder):
        text = (ROOT / file).read_text("utf-8")
        assert "import keras" not in text, file
        assert "import tensorflow" not in text, file


ENTRIES = ("stages", "tools", "benchmarks", "research")


@pytest.mark.parametrize("package", ["fashion", *ENTRIES])
def test_packages_run_no_code_when_imported(package):
    for path in (ROOT / package).rglob("__init__.py"):
        nodes = tree(path.relative_to(ROOT)).body
        kinds = ast.Expr | ast.Assign
        if path.parent in {ROOT / name for name in ENTRIES}:  # isolated before all other imports
            kinds |= ast.ImportFrom
        if path == ROOT / "fashion_predict/__init__.py":  # what it gives, it imports when asked
            kinds |= ast.ImportFrom | ast.If | ast.FunctionDef
        assert all(isinstance(node, kinds) for node in nodes), path


def params_read(stage):
    """The dotted params keys that a stage reads: attributes of what `Section.load` returned."""
    nodes = list(ast.walk(tree(f"stages/{stage}.py")))
    names = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            names |= {one.id: section(stage, value) for one, value in assigned(node)}
    keys = set()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            by_name = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
            key = by_name or section(stage, node.value)
            keys |= {f"{key}.{node.attr}"} if key else set()
    return {key for key in keys if not key.endswith(".model_dump")}


def assigned(node):
    """The names and values of an assignment, also of several at once."""
    target, value = node.targets[0], node.value
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
    return [(one, other) for one, other in pairs if isinstance(one, ast.Name)]


def section(stage, node):
    """The params key of a call like `Plot.load(...)`; None for anything else."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".load")):
        return None
    schema = getattr(import_module(f"stages.{stage}"), ast.unparse(node.func.value))
    return "models.${key}" if schema is Model else schema.key


@pytest.mark.parametrize("stage", STAGES)
def test_params_are_exactly_the_keys_read(stage):
    declared = set(STAGES[stage]["params"])
    read = {key for key in params_read(stage) if key not in HOW_TO_FETCH}
    uncovered = {key for key in read if not any(f"{key}.".startswith(f"{d}.") for d in declared)}
    assert uncovered == set(), "a key is read that is not declared"
    unread = {d for d in declared if not any(f"{key}.".startswith(f"{d}.") for key in read)}
    assert unread == set(), "a key is declared that is not read"


@pytest.mark.parametrize("stage", STAGES)
def test_paths_that_main_defaults_to_are_those_declared(stage):
    parameters = inspect.signature(import_module(f"stages.{stage}").main).parameters
    folders = {p.default for p in parameters.values() if isinstance(p.default, str)}
    declared = [
        path if isinstance(path, str) else next(iter(path))
        for key in ("deps", "outs", "metrics", "plots")
        for path in STAGES[stage].get(key, [])
    ]
    data = [path for path in declared if not path.startswith(("stages", "fashion"))]
    assert all(any(covers(folder, path) for folder in folders) for path in data)
    for folder in folders - {"params.yaml", SCRATCH}:
        assert any(covers(folder, path) for path in data), f"{folder} is not declared"


def test_stages_are_in_the_order_of_the_data_and_have_a_script_and_a_description_each():
    order = ["download", "preprocess", "describe", "train", "evaluate", "export", "plot"]
    assert list(STAGES) == order
    for name, stage in STAGES.items():
        of_each_network = "foreach" in PIPELINE["stages"][name]
        assert stage["cmd"] == f"python -m stages.{name}{' ${key}' if of_each_network else ''}"
        assert stage["desc"]


def test_the_list_of_networks_is_in_params_alone(committed_params: Params):
    for stage in ("train", "evaluate", "export", "plot"):
        assert PIPELINE["stages"][stage]["foreach"] == "${models}"
    text = (ROOT / "dvc.yaml").read_text()
    for name in committed_params.networks:
        assert not re.search(rf"\b{name}\b", text)


def test_champions_have_the_stages_of_models():
    stages = champion_stages(PIPELINE["stages"])["stages"]
    assert list(stages) == ["train", "evaluate", "export", "plot"]
    for name, stage in stages.items():
        assert stage["foreach"] == "${champions}"
        assert stage["do"]["cmd"] == PIPELINE["stages"][name]["do"]["cmd"]
    assert "champions.${key}.fit" in stages["train"]["do"]["params"]
    assert "models/${key}.keras" in stages["train"]["do"]["outs"]


def test_nothing_that_trains_or_searches_sees_test_data():
    data = {
        name: {path for path in stage["deps"] if path.startswith("data/processed")}
        for name, stage in STAGES.items()
    }
    names = "data/processed/classes.json"
    assert data["train"] == {"data/processed/train", "data/processed/validation"}
    assert data["evaluate"] == {"data/processed/test", "data/processed/validation", names}
    assert data["plot"] == {"data/processed/test", names}
    assert data["export"] == data["train"] | data["evaluate"]
    assert "processed/test" not in (ROOT / "tools/tune.py").read_text()


@pytest.mark.slow
def test_the_lock_is_of_this_code_and_these_params():
    """Results are committed with the code that made them: run `make repro`, commit both."""
    command = ["dvc", "repro", "--dry", "--allow-missing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert UP_TO_DATE in done.stdout.splitlines(), done.stdout + done.stderr


UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def test_nothing_is_unpickled_and_models_are_loaded_in_safe_mode():
    for package in ("fashion", *ENTRIES):
        for file in python_files(package):
            text = (ROOT / file).read_text("utf-8")
            assert not [name for name in UNPICKLERS if f"import {name}" in text], file
            assert "allow_pickle=True" not in text, file
            assert text.count("load_model(") == text.count("safe_mode=True"), file
