"""Searches whose files are damaged, lost or stale, with trainings that take no time."""

import json
import shutil
from pathlib import Path

import pytest
import tensorflow as tf
from keras_tuner.engine.trial import Trial

from fashion.tuning.oracles import KEY
from fashion.tuning.search import SearchError, SearchTask, make_tuner, search
from tests.tuning.conftest import BAYESIAN, HYPERBAND, RANDOM

ALGORITHMS = [
    RANDOM | {"trials": 5},
    BAYESIAN | {"trials": 5, "initial_trials": 4},
    HYPERBAND | {"epochs": 3},
]
EXACT = [ALGORITHMS[0], ALGORITHMS[2]]  # interruptions do not change what they draw
DAMAGES = {
    "empty": lambda content: b"",
    "a half": lambda content: content[: len(content) // 2],
    "not UTF-8": lambda content: b'{"hyperparameters": "\xff',
    "another JSON": lambda content: b"[1]",
    "missing": None,
}
each_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda a: a["kind"])
each_damage = pytest.mark.parametrize(
    ("algorithm", "damage"),
    [
        pytest.param(algorithm, damage, id=f"{algorithm['kind']}-{name}")
        for algorithm in ALGORITHMS
        for name, damage in DAMAGES.items()
        if algorithm in EXACT or name == "a half"  # a Gaussian process is slow
    ],
)


@pytest.fixture
def trainings(monkeypatch):
    """Records the values of each training, and interrupts the one numbered `interrupt`."""
    calls = []

    def run(self, drawn, _folder):
        calls.append(dict(drawn))
        if len(calls) == run.interrupt:
            raise KeyboardInterrupt
        epochs = drawn.get("tuner/epochs", 2)
        accuracy = drawn["fit.learning_rate"] + epochs / 10
        return {"val_accuracy": accuracy, "epochs": epochs, "parameters": 7, "seconds": 1.0}

    run.interrupt = None
    run.calls = calls
    monkeypatch.setattr(SearchTask, "run", run)
    monkeypatch.setattr("fashion.tuning.search.PAUSE_SECONDS", 0)
    monkeypatch.setattr("os.fsync", lambda _: None)
    return run


@pytest.fixture
def interrupted(make_task, trainings, tmp_path):
    """A function that makes a search whose training `number` (-1: the last) was interrupted.

    It returns the task, the folder, and the trials of the same search without interruption.
    """

    def interrupted(algorithm, number):
        task, folder = make_task(algorithm), tmp_path / "search"
        complete = search(task, tmp_path / "complete")
        trainings.calls.clear()
        trainings.interrupt = number % (len(complete) + 1)
        with pytest.raises(KeyboardInterrupt):
            search(task, folder)
        trainings.interrupt = None
        trainings.calls.clear()
        return task, folder, complete

    return interrupted


def spoil(path, damage):
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))


@each_damage
@pytest.mark.parametrize("name", ["oracle.json", "trial_*1/trial.json", "trial_*3/trial.json"])
def test_a_damaged_file_costs_no_finished_trial(
    interrupted, trainings, capsys, algorithm, damage, name
):
    task, folder, complete = interrupted(algorithm, 4)
    (path,) = folder.glob(name)
    capsys.readouterr()
    spoil(path, damage)
    resumed = search(task, folder)
    assert len(resumed) == len(complete)
    assert len(trainings.calls) == len(complete) - 3
    if algorithm in EXACT:
        assert resumed == complete
    lines = [line for line in capsys.readouterr().out.splitlines() if str(path) in line]
    assert len(lines) == (0 if damage is None and "3" in name else 1), (
        "a trial that never ended is not missed"
    )
    trainings.calls.clear()
    search(task, folder)
    assert not trainings.calls
    assert "json" not in capsys.readouterr().out, "it was repaired"


@each_algorithm
@pytest.mark.parametrize("lost", ["1", "013"])
def test_only_trials_lost_with_the_state_are_trained_again(interrupted, trainings, algorithm, lost):
    task, folder, complete = interrupted(algorithm, -1)
    spoil(folder / "oracle.json", DAMAGES["a half"])
    for number in lost:
        (trial,) = folder.glob(f"trial_*{number}")
        shutil.rmtree(trial)
    resumed = search(task, folder)
    assert len(resumed) == len(complete)
    assert len(trainings.calls) == 1 + len(lost)
    if algorithm in EXACT:
        assert resumed == complete


def test_trials_of_another_search_are_not_used(interrupted, trainings, make_task):
    task, folder, complete = interrupted(RANDOM, -1)
    other = task._replace(key="other" * 10)
    assert len(search(other, folder)) == len(complete)
    assert len(trainings.calls) == len(complete)
    assert {drawn[KEY] for drawn in trainings.calls} == {other.key}


def test_a_full_disk_is_an_os_error_and_costs_no_finished_trial(
    make_task, trainings, monkeypatch, tmp_path
):
    task, folder = make_task(), tmp_path / "search"
    complete = search(task, tmp_path / "complete")
    save = Trial.save

    def save_half(trial, path):
        save(trial, path)
        if len(trainings.calls) == 2:
            spoil(Path(path), DAMAGES["a half"])
            raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    trainings.calls.clear()
    with monkeypatch.context() as patch:
        patch.setattr(Trial, "save", save_half)
        with pytest.raises(OSError, match="No space left on device"):
            search(task, folder)
    for path in folder.rglob("*.json"):
        json.loads(path.read_bytes())
    assert search(task, folder) == complete
    assert len(trainings.calls) <= len(complete) + 1


def test_a_result_that_does_not_reach_the_chief_ends_the_worker(make_task, monkeypatch, tmp_path):
    monkeypatch.setattr("fashion.cluster.tuner_name", lambda: "worker1")
    tuner = make_tuner(make_task(), tmp_path / "search")
    trial = tuner.oracle.create_trial("worker1")
    trial.status = "INVALID"
    with pytest.raises(SearchError, match="start this worker again"):
        tuner.on_trial_end(trial)
