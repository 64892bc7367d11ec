"""Searches of a few small trials: budget, resumption, pruning, and what goes wrong."""

import json
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from fashion import search as room
from fashion.params import Params, Tune
from fashion.search import Subject, make_oracle, results, search
from fashion.training import Split
from tests.conftest import small_part

HYPERBAND = {"kind": "hyperband", "epochs": 2, "factor": 2, "iterations": 1}
RANDOM = {"kind": "random", "epochs": 2, "median_rule": {"trials": 99, "epochs": 1}}
BAYESIAN = RANDOM | {"kind": "bayesian", "initial_trials": 2}


def shades(per_class, seed):
    """Images of ten shades of grey, which even a network of few weights can tell a little."""
    images, labels = small_part(per_class, seed)
    return Split(images // 8 + 22 * labels[:, None, None], labels)


@pytest.fixture
def subject(small_params: Params):
    base = small_params.models["cnn"]
    return Subject(
        base.model_copy(update={"fit": base.fit.model_copy(update={"batch_size": 64})}),
        train=shades(32, seed=1),
        validation=shades(8, seed=2),
        classes=10,
        seed=0,
    )


@pytest.fixture
def make_tune(small_document):
    def make(algorithm=RANDOM, trials=3, minutes=10.0, **changes):
        budget = {"trials": trials, "minutes": minutes}
        return Tune.model_validate(
            small_document["tune"] | {"algorithm": algorithm, "budget": budget} | changes
        )

    return make


def run(tune, subject, folder, key="k" * 16):
    trials = search(tune, subject, folder=Path(folder), key=key)
    return [
        (trial.trial_id, trial.hyperparameters.values, without_time(result))
        for trial, result in zip(trials, results(trials), strict=True)
    ]


def without_time(result):
    return {name: value for name, value in result.items() if name != "seconds"}


def interrupt_in_batch(monkeypatch, number):
    """Make the process be interrupted before that batch, counted over all trials."""
    counted = iter(range(10_000))

    class Interruption(keras.callbacks.Callback):
        def __init__(self, *arguments):
            super().__init__()

        def on_train_batch_begin(self, batch, logs=None):
            if next(counted) == number:
                raise KeyboardInterrupt

    monkeypatch.setattr(room, "_SignsOfLife", Interruption)


@pytest.mark.parametrize("algorithm", [RANDOM, BAYESIAN, HYPERBAND], ids=lambda a: a["kind"])
def test_a_search_runs_its_trials_and_another_gives_the_same(
    make_tune, subject, tmp_path, algorithm
):
    tune = make_tune(algorithm)
    first = run(tune, subject, tmp_path / "a")
    assert len(first) == 3
    for _, _, metrics in first:
        assert 0 <= metrics["val_accuracy"] <= 1
        assert metrics["val_accuracy"] == metrics[f"val_accuracy.{metrics['epochs']:.0f}"]
    assert run(tune, subject, tmp_path / "b") == first


def test_hyperband_goes_on_with_the_best(make_tune, subject, tmp_path):
    trials = run(make_tune(HYPERBAND, trials=99), subject, tmp_path)
    chosen = {values["tuner/trial_id"] for _, values, _ in trials if "tuner/trial_id" in values}
    short = [(m["val_accuracy"], name) for name, v, m in trials if v["tuner/epochs"] == 1]
    assert chosen
    worst_chosen = min(accuracy for accuracy, name in short if name in chosen)
    assert all(accuracy <= worst_chosen for accuracy, name in short if name not in chosen)


@pytest.mark.parametrize("batch", [0, 3, 5])
def test_an_interrupted_search_goes_on_and_repeats_nothing(
    make_tune, subject, tmp_path, monkeypatch, batch
):
    tune = make_tune()
    whole = run(tune, subject, tmp_path / "whole")
    with monkeypatch.context() as patch:
        interrupt_in_batch(patch, batch)
        with pytest.raises(KeyboardInterrupt):
            run(tune, subject, tmp_path / "parts")
    ended = sorted(tmp_path.glob("parts/*/trial_*/trial.json"))
    before = {p: p.stat().st_mtime_ns for p in ended if "COMPLETED" in p.read_text()}
    assert run(tune, subject, tmp_path / "parts") == whole
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_search_that_ended_goes_on_with_a_larger_budget(make_tune, subject, tmp_path):
    run(make_tune(trials=2), subject, tmp_path / "a")
    longer = run(make_tune(trials=4), subject, tmp_path / "a")
    assert longer == run(make_tune(trials=4), subject, tmp_path / "b")


def test_another_key_begins_anew(make_tune, subject, tmp_path):
    run(make_tune(), subject, tmp_path)
    run(make_tune(), subject, tmp_path, key="l" * 16)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["k" * 16, "l" * 16]


def test_a_kill_between_the_files_of_a_trial_and_of_the_search(make_tune, subject, tmp_path):
    """The trial says that it ended, the search that it runs: it is not run again."""
    tune = make_tune()
    whole = run(tune, subject, tmp_path)
    path = tmp_path / ("k" * 16) / "oracle.json"
    state = json.loads(path.read_text())
    last = state["end_order"].pop()
    state["ongoing_trials"] = {"tuner0": last}
    path.write_text(json.dumps(state))
    changed = path.with_name(f"trial_{last}") / "trial.json"
    before = changed.stat().st_mtime_ns
    assert run(tune, subject, tmp_path) == whole
    assert changed.stat().st_mtime_ns == before


def test_the_minutes_end_a_search(make_tune, subject, tmp_path):
    assert len(run(make_tune(trials=99, minutes=1e-6), subject, tmp_path)) == 1


def test_the_median_rule_ends_what_is_below(make_tune, subject, tmp_path):
    algorithm = RANDOM | {"epochs": 3, "median_rule": {"trials": 2, "epochs": 1}}
    trials = run(make_tune(algorithm, trials=6), subject, tmp_path)
    epochs = [metrics["epochs"] for _, _, metrics in trials]
    assert epochs[:2] == [3, 3], "there were not enough to compare with"
    for place, (_, _, metrics) in enumerate(trials[2:], start=2):
        for epoch in range(1, int(metrics["epochs"]) + 1):
            name = f"val_accuracy.{epoch}"
            others = [m[name] for _, _, m in trials[:place] if name in m]
            below = len(others) >= 2 and metrics[name] < np.median(others)
            assert below == (epoch == metrics["epochs"] < 3) or epoch == 3
    assert min(epochs) < 3


def test_a_trial_that_diverges_counts_as_the_worst(make_tune, subject, tmp_path, small_document):
    space = json.loads(json.dumps(small_document["tune"]["space"]))
    space["fit"]["optimizers"] = [
        {
            "optimizer": {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.0},
            "learning_rate": {"low": 1e30, "high": 1e31, "sampling": "log"},
        }
    ]
    trials = run(make_tune(trials=2, space=space), subject, tmp_path)
    assert [metrics["val_accuracy"] for _, _, metrics in trials] == [0.0, 0.0]


def test_a_defect_ends_the_search_with_its_own_error(make_tune, subject, tmp_path):
    broken = subject._replace(train=Split(subject.train.images[:3], subject.train.labels[:3]))
    with pytest.raises(Exception, match=r"lower fit\.batch_size"):
        run(make_tune(), broken, tmp_path)


class Clock:
    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def oracle(make_tune, tmp_path, monkeypatch):
    """An oracle of one trial, at a clock that stands."""
    monkeypatch.setattr(room, "time", Clock())
    oracle = make_oracle(make_tune(trials=1, lost_after_seconds=10.0))
    oracle.resume(tmp_path / "state")
    return oracle


METRICS = {
    "val_accuracy": 0.5, "val_loss": 1.0, "epochs": 1, "parameters": 9, "seconds": 1.0,
}  # fmt: skip


def end(oracle, trial):
    oracle.update_trial(trial.trial_id, METRICS)
    trial.status = "COMPLETED"
    oracle.end_trial(trial)


def test_a_silent_workers_trial_is_given_to_another(oracle):
    trial = oracle.create_trial("first")
    assert oracle.create_trial("second").status == "IDLE"
    room.time.now = 9
    assert oracle.create_trial("second").status == "IDLE"
    room.time.now = 11
    again = oracle.create_trial("second")
    assert (again.trial_id, again.status) == (trial.trial_id, "RUNNING")
    end(oracle, again)
    assert oracle.create_trial("second").status == "STOPPED"
    assert not oracle.tuner_ids
    assert not oracle.ongoing_trials


def test_a_worker_that_gives_signs_of_life_keeps_its_trial(oracle):
    trial = oracle.create_trial("first")
    for room.time.now in range(0, 40, 8):
        oracle.get_trial(trial.trial_id)
        assert oracle.create_trial("second").status == "IDLE"


def test_a_trial_given_up_for_lost_that_ends_after_all_is_not_run_again(oracle):
    trial = oracle.create_trial("slow")
    oracle.create_trial("other")
    room.time.now = 11
    oracle.create_trial("other")
    end(oracle, trial)
    end(oracle, trial)
    assert oracle.end_order == [trial.trial_id]
    assert oracle.trials[trial.trial_id].metrics.get_history("seconds")[0].value == [1.0]


def test_workers_stop_together_and_a_lost_one_keeps_nobody_waiting(oracle):
    end(oracle, oracle.create_trial("first"))
    oracle.tuner_ids.add("second")
    oracle._heard["second"] = 0.0
    assert oracle.create_trial("first").status == "IDLE"
    assert oracle.create_trial("second").status == "STOPPED"
    assert oracle.create_trial("first").status == "STOPPED"
    assert not oracle.tuner_ids


def test_time_is_the_clock_of_the_search():
    assert room.time is time
