import os
import subprocess
import sys
import time

import pytest

from fashion.guards import GuardError, alone, inputs, unchanged
from tests.conftest import ROOT, write_yaml

HOLD = """
import sys, time
from fashion.guards import alone
with alone("train@mlp", sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that runs `train@mlp`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_stage_that_runs_already_is_not_started_again(holder, tmp_path):
    with (
        pytest.raises(GuardError, match=f"train@mlp is running .* as process {holder.pid};"),
        alone("train@mlp", tmp_path),
    ):
        pytest.fail("it was started")


def test_another_stage_may_run_beside_it(holder, tmp_path):
    with alone("train@cnn", tmp_path):
        assert (tmp_path / "train@cnn.lock").read_text() == f"{os.getpid()}\n"


def test_a_killed_process_holds_nothing(holder, tmp_path):
    holder.kill()
    holder.wait()
    with alone("train@mlp", tmp_path):
        assert (tmp_path / "train@mlp.lock").read_text() == f"{os.getpid()}\n"


PIPELINE = {
    "stages": {
        "train": {
            "matrix": {"network": ["mlp"]},
            "cmd": "true",
            "deps": ["code.py", "data", "models/${item.network}.keras"],
            "params": ["seed", "models.${item.network}"],
        }
    }
}
PARAMS = {"seed": 0, "models": {"mlp": {"units": [1, 2]}, "cnn": {"filters": [3]}}, "plot": {}}


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """A folder with what a stage is made from, and a function that changes its params."""
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "dvc.yaml", PIPELINE)
    write_yaml(tmp_path / "params.yaml", PARAMS)
    for folder in ("data", "models"):
        (tmp_path / folder).mkdir()
    (tmp_path / "code.py").write_text("pass")
    (tmp_path / "data/part").write_text("1")
    (tmp_path / "models/mlp.keras").write_text("m")
    monkeypatch.setattr("fashion.guards.STARTED", time.time() + 1)
    return tmp_path


def test_inputs_are_those_that_are_declared(stage):
    assert list(inputs("train@mlp")) == [
        "code.py", "data", "models/mlp.keras", "seed", "models.mlp",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["code.py", "data/part", "data/new", "models/mlp.keras"])
def test_an_input_that_changes_meanwhile_is_named(stage, path):
    name = "data" if path.startswith("data") else path
    with (
        pytest.raises(GuardError, match=f"^{name} changed while train@mlp ran"),
        unchanged("train@mlp"),
    ):
        (stage / path).write_text("edited")


def test_an_input_that_goes_is_named(stage):
    with pytest.raises(GuardError, match=r"^code\.py changed"), unchanged("train@mlp"):
        (stage / "code.py").unlink()


def test_a_parameter_that_changes_meanwhile_is_named(stage):
    changed = PARAMS | {"models": {"mlp": {"units": [1]}, "cnn": {"filters": [3]}}, "seed": 1}
    with pytest.raises(GuardError, match=r"^models\.mlp, seed changed"), unchanged("train@mlp"):
        write_yaml(stage / "params.yaml", changed)


def test_what_the_stage_does_not_use_may_change(stage):
    changed = {**PARAMS, "plot": {"dpi": 1}, "models": {**PARAMS["models"], "cnn": {}}}
    with unchanged("train@mlp"):
        write_yaml(stage / "params.yaml", changed)
        (stage / "other.py").write_text("new")


def test_code_that_is_newer_than_the_process_is_refused_before_it_runs(stage, monkeypatch):
    monkeypatch.setattr("fashion.guards.STARTED", time.time() - 60)
    with (
        pytest.raises(GuardError, match=r"^code\.py changed after this had started"),
        unchanged("train@mlp"),
    ):
        pytest.fail("it ran")


def test_a_stage_is_found_from_another_folder_too(stage):
    assert inputs("../dvc.yaml:train@mlp") == inputs("train@mlp")


def test_a_failure_of_the_stage_is_told_as_it_is(stage):
    def fail():
        with unchanged("train@mlp"):
            (stage / "code.py").write_text("edited")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
