"""A search by several processes: KerasTuner's chief and two workers, one of which is killed."""

import json
import os
import subprocess
import sys
import time

import pytest

from fashion.cluster import TUNER_VARIABLES
from fashion.io.files import read_csv
from tests.conftest import free_ports
from tests.tuning.conftest import ROOT, make_checkout, tune_section

MINUTES = 4
TRIALS = 4
RATES = [number / 1000 for number in range(1, 99)]
SLOW = {"fit.steps_per_execution": [1], "fit.learning_rate": RATES}


@pytest.fixture
def start(tmp_path):
    """A function that starts the chief or a worker, each in its own folder."""
    (port,), processes = free_ports(1), []

    def start(name):
        folder = tmp_path / name
        if not folder.exists():
            algorithm = {"kind": "random", "epochs": 100, "trials": TRIALS}
            make_checkout(folder, tune_section(algorithm, space=SLOW))
        tuner = dict(zip(TUNER_VARIABLES, (name, "127.0.0.1", str(port)), strict=True))
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "tools.tune"],
                cwd=folder,
                env=os.environ | tuner | {"PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def ongoing(folder):
    """The trial of each worker, from the file that the chief in `folder` writes."""
    for path in folder.glob(".runs/tune/*/oracle.json"):
        try:
            return json.loads(path.read_text())["ongoing_trials"]
        except ValueError:  # it is being written
            break
    return {}


@pytest.mark.slow
def test_a_killed_worker_resumes_its_trial_when_it_is_started_again(start, tmp_path):
    chief, killed, other = start("chief"), start("worker1"), start("worker2")
    deadline = time.monotonic() + 60 * MINUTES
    while "worker1" not in ongoing(tmp_path / "chief"):
        assert time.monotonic() < deadline
        assert chief.poll() is None, chief.communicate()[0]
        time.sleep(0.1)
    killed.kill()
    trial = ongoing(tmp_path / "chief")["worker1"]
    restarted = start("worker1")
    printed = {p: p.communicate(timeout=60 * MINUTES)[0] for p in (restarted, other, chief)}
    assert [p.returncode for p in printed] == [0, 0, 0], "\n".join(printed.values())
    first = next(line for line in printed[restarted].splitlines() if line.startswith("trial "))
    assert first.startswith(f"trial {trial}: ")

    reports = tmp_path / "chief" / "reports" / "tune"
    trials = read_csv(reports / "trials.csv", text_columns=["trial"])
    assert trials["trial"].tolist() == [str(number) for number in range(TRIALS)]
    assert trials["val_accuracy"].gt(0).all()
    names = {"trials.csv", "best.yaml", "searched.yaml", "importance.csv"}
    assert {path.name for path in reports.iterdir()} == names | {"importance.png", "parallel.png"}
    for worker in ("worker1", "worker2"):
        assert not (tmp_path / worker / "reports").exists(), "the chief alone writes"
