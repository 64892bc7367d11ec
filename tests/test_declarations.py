"""`dvc.yaml` declares what the code uses, and imports point one way."""

import ast
import inspect
import subprocess
from importlib import import_module
from pathlib import PurePath

import pytest
from ruamel.yaml import YAML

from fashion import PLUMBING
from fashion.config.model import BACKBONES, Model
from tests.conftest import ROOT
from tools.checkout import UP_TO_DATE

PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}
ENTRIES = ("stages", "tools", "benchmarks", "research")  # packages of scripts
CODE = (*ENTRIES, "fashion", "fashion_predict")
REGISTRY = "fashion/networks/building.py"  # imports an architecture by its name
KINDS = sorted(
    path.stem for path in (ROOT / "fashion/networks").glob("[a-z]*.py") if path != ROOT / REGISTRY
)
KIND = "${item.network.kind}"
BACKBONE = f"data/backbones/{KIND}"  # its path is a parameter
HOW_TO_FETCH = {f"download.{name}" for name in ("sources", "connect_seconds", "retries")}
SCRATCH = ".runs"  # the state of running stages, no input or output


def parse(file):
    return ast.parse((ROOT / file).read_text("utf-8"))


def python_files(name):
    path = ROOT / name
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [str(file.relative_to(ROOT)) for file in files]


def is_below(file, names):
    return any(PurePath(file).is_relative_to(name) for name in names)


def imported(file):
    """The project files that `file` imports, at its top or inside of functions."""
    names = set()
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    if file == REGISTRY:
        names |= {f"fashion.networks.{kind}" for kind in KINDS}
    files = {f"{name.replace('.', '/')}.py" for name in names}
    return {file for file in files if (ROOT / file).exists()}


def used(file):
    """`file`, and all project files that it imports directly or indirectly."""
    files, waiting = set(), {file}
    while waiting:
        file = waiting.pop()
        files.add(file)
        waiting |= imported(file) - files
    return files


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_exactly_the_code_that_it_imports(stage):
    code = [path for path in STAGES[stage]["deps"] if is_below(path, CODE)]
    declared = {path.replace(KIND, kind) for path in code for kind in KINDS}
    files = {file for file in used(f"stages/{stage}.py") if not is_below(file, PLUMBING)}
    assert {file for file in files if not is_below(file, declared)} == set()
    assert {path for path in declared if not any(is_below(file, [path]) for file in files)} == set()


def test_plumbing_imports_only_plumbing():
    files = [file for name in PLUMBING for file in python_files(name)]
    assert {other for file in files for other in imported(file)} <= set(files)


# The folders of fashion/ that each may import, besides plumbing and fashion/io.
ALLOWED = {
    "config": (),
    "data": ("fashion_predict/images",),
    "data_report": ("fashion/plots",),
    "download": (),
    "evaluation": ("fashion/models", "fashion/inference"),
    "export": ("fashion/models", "fashion/inference"),
    "inference": ("fashion/models",),
    "io": (),
    "models": (),
    "networks": ("fashion/models",),
    "plots": (),
    "training": ("fashion/models",),
    "tuning": ("fashion/training", "fashion/networks", "fashion/models", "fashion/plots"),
}


@pytest.mark.parametrize("path", sorted((ROOT / "fashion").glob("*/")), ids=lambda path: path.name)
def test_folders_import_only_what_they_may(path):
    folder = f"fashion/{path.name}"
    allowed = (folder, "fashion/io", *PLUMBING, *ALLOWED.get(path.name, ()))
    for file in python_files(folder):
        assert {other for other in imported(file) if not is_below(other, allowed)} == set(), file


def test_the_predictor_and_the_stages_import_neither_the_pipeline_nor_one_another():
    files = python_files("fashion_predict")
    assert {other for file in files for other in imported(file)} <= set(files)
    for file in python_files("stages"):
        assert {other for other in imported(file) if is_below(other, ENTRIES)} == set(), file


def params_read(stage):
    """The dotted keys that a stage reads: attributes of the result of `Section.load(...)`."""
    nodes = list(ast.walk(parse(f"stages/{stage}.py")))
    assignments = [node for node in nodes if isinstance(node, ast.Assign)]
    keys = {
        target.id: section_key(stage, value)
        for node in assignments
        for target, value in zip(elements(node.targets[0]), elements(node.value), strict=False)
        if isinstance(target, ast.Name)
    }
    found = set()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            name = node.value.id if isinstance(node.value, ast.Name) else None
            key = keys.get(name) or section_key(stage, node.value)
            found |= {f"{key}.{node.attr}"} if key and node.attr != "model_dump" else set()
    return found


def elements(node):
    return node.elts if isinstance(node, ast.Tuple) else [node]


def section_key(stage, node):
    """The key of the section that a call like `Plot.load(...)` reads; None for another node."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".load")):
        return None
    schema = getattr(import_module(f"stages.{stage}"), ast.unparse(node.func.value))
    return "models.${key}" if schema is Model else schema.key


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_exactly_the_parameters_that_it_reads(stage):
    declared, read = set(STAGES[stage]["params"]), params_read(stage) - HOW_TO_FETCH
    assert {
        key for key in read if not any(f"{key}.".startswith(f"{d}.") for d in declared)
    } == set()
    assert {d for d in declared if not any(f"{key}.".startswith(f"{d}.") for key in read)} == set()


@pytest.mark.parametrize("stage", STAGES)
def test_the_default_paths_of_a_stage_are_those_declared(stage):
    parameters = inspect.signature(import_module(f"stages.{stage}").main).parameters
    folders = {p.default for p in parameters.values() if isinstance(p.default, str)}
    declared = [
        path if isinstance(path, str) else next(iter(path))
        for key in ("deps", "outs", "metrics", "plots")
        for path in STAGES[stage].get(key, [])
    ]
    files = [path for path in declared if not is_below(path, CODE) and path != BACKBONE]
    assert [path for path in files if not is_below(path, folders)] == []
    unused = [name for name in folders if not any(is_below(path, [name]) for path in files)]
    assert set(unused) <= {"params.yaml", SCRATCH}


def test_each_kind_of_network_has_a_folder_for_its_backbones():
    assert BACKBONE in STAGES["train"]["deps"]
    assert BACKBONE.replace(KIND, "pretrained") == BACKBONES
    folders = {path.parent.name for path in (ROOT / "data/backbones").glob("*/.gitkeep")}
    assert folders == set(KINDS)


def test_neither_training_nor_search_sees_the_test_images():
    readers = {name for name, stage in STAGES.items() if "data/processed/test" in stage["deps"]}
    assert readers == {"describe", "evaluate", "export", "plot"}
    for file in used("tools/tune.py"):
        text = (ROOT / file).read_text("utf-8")
        assert "processed/test" not in text, file


@pytest.mark.slow
def test_the_committed_results_are_those_of_this_code_and_params():
    """If this fails, run `make repro` and commit the results with the code."""
    command = ["dvc", "repro", "--dry", "--allow-missing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert UP_TO_DATE in done.stdout.splitlines(), done.stdout + done.stderr


UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def test_nothing_is_unpickled_and_models_are_loaded_in_safe_mode():
    for file in (file for package in CODE for file in python_files(package)):
        text = (ROOT / file).read_text("utf-8")
        assert not [name for name in UNPICKLERS if f"import {name}" in text], file
        assert "allow_pickle=True" not in text, file
        assert text.count("load_model(") == text.count("safe_mode=True"), file
