"""Searches of a few trials: reproducible, resumable, and ended by errors."""

import pytest

from fashion.errors import FashionError
from fashion.tuning import search as module
from fashion.tuning.search import KEY, SearchError, make_tuner, search
from tests.tuning.conftest import BAYESIAN, HYPERBAND, RANDOM, SPACE

SGD = {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.0}


def without_time(trials):
    return [{name: trial[name] for name in trial if name != "seconds"} for trial in trials]


@pytest.fixture
def trainings(monkeypatch):
    """The settings of each training; the one with the number `interrupt` is interrupted."""
    original, calls = module.fit, []

    def fit(network, train, validation, config, *arguments, **options):
        calls.append(config)
        if len(calls) == fit.interrupt:
            raise KeyboardInterrupt
        return original(network, train, validation, config, *arguments, **options)

    fit.interrupt = None
    fit.calls = calls
    monkeypatch.setattr(module, "fit", fit)
    return fit


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", [RANDOM, BAYESIAN, HYPERBAND], ids=lambda a: a["kind"])
def test_equal_searches_give_equal_trials(make_task, tmp_path, algorithm):
    first = search(make_task(algorithm), tmp_path / "a")
    assert len(first) >= 3
    assert all(0 < trial["val_accuracy"] <= 1 for trial in first)
    rates = [trial["fit.learning_rate"] for trial in first]
    assert len(set(rates)) >= 3
    assert {type(rate) for rate in rates} == {float}, "YAML cannot write NumPy's"
    second = search(make_task(algorithm), tmp_path / "b")
    assert without_time(second) == without_time(first)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", [RANDOM, HYPERBAND], ids=lambda a: a["kind"])
def test_an_interrupted_search_repeats_only_the_interrupted_trial(
    make_task, tmp_path, trainings, algorithm
):
    task = make_task(algorithm)
    complete = search(task, tmp_path / "complete")
    trainings.calls.clear()
    trainings.interrupt = 3
    with pytest.raises(KeyboardInterrupt):
        search(task, tmp_path / "interrupted")
    trainings.interrupt = None
    assert without_time(search(task, tmp_path / "interrupted")) == without_time(complete)
    assert len(trainings.calls) == len(complete) + 1


def test_nearby_seeds_draw_different_values(make_task, tmp_path):
    """KerasTuner draws each value by a seed of its own, one more than that of the value before."""
    a_trial_later = len(SPACE) + 1  # with the key
    rates = []
    for seed in (0, a_trial_later):
        task = make_task(RANDOM | {"trials": 30}, seed=seed)
        oracle = make_tuner(task, tmp_path / str(seed)).oracle
        drawn = [oracle.create_trial(str(n)).hyperparameters.values for n in range(30)]
        rates.append({values["fit.learning_rate"] for values in drawn})
    assert len(rates[0]) == len(rates[1]) == 30
    assert not rates[0] & rates[1]


def test_a_trial_that_diverges_has_accuracy_0_and_the_search_continues(make_task, tmp_path):
    space = {"fit.optimizer": [SGD], "fit.learning_rate": [1e30, 0.01]}
    trials = search(make_task(RANDOM | {"trials": 2}, space=space), tmp_path / "a")
    by_rate = {trial["fit.learning_rate"]: trial for trial in trials}
    assert by_rate[1e30]["val_accuracy"] == 0.0
    assert by_rate[1e30]["val_loss"] is None
    assert by_rate[0.01]["val_accuracy"] > 0


def test_any_other_error_ends_the_search(make_task, tmp_path, trainings):
    task = make_task(space={"fit.batch_size": [100_000, 200_000, 300_000]})
    with pytest.raises(FashionError, match=r"lower fit\.batch_size"):
        search(task, tmp_path / "a")
    assert len(trainings.calls) == 1


def test_a_worker_whose_search_is_not_the_chiefs_does_not_train(make_task, tmp_path):
    with pytest.raises(SearchError, match="of this worker differ from the chief's"):
        make_task().run({KEY: "another"}, tmp_path)
