"""The search space in KerasTuner's terms, and what KerasTuner drew as settings of a model."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner

from fashion.config.tune import Interval

Space = Mapping[str, Sequence[Any] | Interval]


def declare(space: Space) -> keras_tuner.HyperParameters:
    """The hyperparameters of `space` under their dotted names, in its order.

    Choices are declared as JSON texts: KerasTuner takes scalars of one type only, and returns
    booleans as integers. No algorithm orders choices other than by their place in the list.
    """
    declared = keras_tuner.HyperParameters()
    for name, choices in space.items():
        if isinstance(choices, Interval):
            declared.Float(name, choices.low, choices.high, sampling=choices.sampling)
        else:
            declared.Choice(name, [json.dumps(choice) for choice in choices])
    return declared


def values(space: Space, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """What was `drawn` for the names in `space`, as `fashion.config.model.Model.changed` takes it.

    Other names in `drawn`, such as KerasTuner's own `tuner/epochs`, are left out. A number from its
    Gaussian process may be a scalar of NumPy there, never here.
    """
    return {
        name: float(drawn[name]) if isinstance(choices, Interval) else json.loads(drawn[name])
        for name, choices in space.items()
    }
