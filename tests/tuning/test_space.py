"""The search space in KerasTuner, and drawn values as settings of a model."""

import keras_tuner
import pytest

from fashion.config.tune import Interval
from fashion.tuning.space import declare_hyperparameters, decode_values

SPACE = {
    "bools": [True, False],
    "mixed": [0, 0.5, 1],
    "words": ["linear", "cosine", "1"],
    "lists": [[16, 32], [8]],
    "mappings": [{"kind": "adam"}, {"kind": "sgd", "momentum": 0.9}],
}


def draw(space, seed):
    declared = declare_hyperparameters(space).space
    return {hyper.name: hyper.random_sample(seed + i) for i, hyper in enumerate(declared)}


@pytest.mark.parametrize("name", SPACE)
def test_choices_of_any_form_come_back_unchanged(name):
    space = {name: SPACE[name]}
    drawn = {repr(decode_values(space, draw(space, seed))[name]) for seed in range(40)}
    assert drawn == {repr(choice) for choice in SPACE[name]}, "value and type"


def test_values_reach_a_worker_unchanged_and_without_kerastuners_own():
    space = SPACE | {"rate": Interval(low=0.1, high=0.3, sampling="log")}
    before = declare_hyperparameters(space)
    before.values = draw(space, seed=3) | {"tuner/epochs": 3}
    after = keras_tuner.HyperParameters.from_proto(before.to_proto())
    assert repr(decode_values(space, after.values)) == repr(decode_values(space, before.values))


@pytest.mark.parametrize(("sampling", "middle"), [("linear", 50.5), ("log", 10.0)])
def test_intervals_are_sampled_as_they_say(sampling, middle):
    space = {"rate": Interval(low=1.0, high=100.0, sampling=sampling)}
    drawn = [decode_values(space, draw(space, seed))["rate"] for seed in range(400)]
    assert 1 <= min(drawn) <= max(drawn) <= 100
    assert sum(value < middle for value in drawn) == pytest.approx(200, abs=40)
