"""The search space as KerasTuner's hyperparameters, and their values as settings of a model."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner

from fashion.config.tune import Interval

Space = Mapping[str, Sequence[Any] | Interval]


def declare_hyperparameters(space: Space) -> keras_tuner.HyperParameters:
    """The hyperparameters of `space`, by dotted name and in the same order.

    Choices are declared as JSON texts, because KerasTuner takes scalars of one type only and
    returns booleans as integers. All algorithms use nothing but the order of the choices.
    """
    declared = keras_tuner.HyperParameters()
    for name, choices in space.items():
        if isinstance(choices, Interval):
            declared.Float(name, choices.low, choices.high, sampling=choices.sampling)
        else:
            declared.Choice(name, [json.dumps(choice) for choice in choices])
    return declared


def decode_values(space: Space, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """The values `drawn` for the names in `space`, for `fashion.config.model.Model.with_values`.

    KerasTuner's own names, such as `tuner/epochs`, are left out. NumPy scalars become floats.
    """
    return {
        name: float(drawn[name]) if isinstance(choices, Interval) else json.loads(drawn[name])
        for name, choices in space.items()
    }
