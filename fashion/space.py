"""The search space in KerasTuner's terms, and what was drawn from it as settings of a model.

`declare` turns `tune.space` of `params.yaml` into hyperparameters; `choose` turns the values of a
trial into what changes under `models.NETWORK`; `apply` makes that change. Names of hyperparameters
are those of the settings, with the place of a width (`filters2`) and the kind of optimizer that a
learning rate is for (`learning_rate.muon`), so that each has one meaning in every trial.
"""

from collections.abc import Mapping
from typing import Any

import keras_tuner

from fashion.errors import FashionError
from fashion.params import Model, Range, Space

Value = bool | int | float | str


class SpaceError(FashionError):
    """A space that is not one of the model that is to be searched."""

    exit_code = 2


def declare(space: Space) -> keras_tuner.HyperParameters:
    """The hyperparameters of `space`; one that others leave without meaning is conditional."""
    declared = keras_tuner.HyperParameters()
    network, augment, fit = space.network, space.augment, space.fit
    declared.Choice("depth", list(network.depth))
    for place, widths in enumerate(network.filters, start=1):
        deep_enough = [depth for depth in network.depth if depth >= place]
        with declared.conditional_scope("depth", deep_enough):
            declared.Choice(f"filters{place}", list(widths))
    declared.Choice("kernel_size", list(network.kernel_size))
    _declare_range(declared, "dropout", network.dropout)
    declared.Choice("flip", list(augment.flip))
    declared.Choice("shift", list(augment.shift))
    declared.Choice("cutout", list(augment.cutout))
    declared.Choice("optimizer", [candidate.optimizer.kind for candidate in fit.optimizers])
    for candidate in fit.optimizers:
        kind = candidate.optimizer.kind
        with declared.conditional_scope("optimizer", [kind]):
            _declare_range(declared, f"learning_rate.{kind}", candidate.learning_rate)
    _declare_range(declared, "warmup", fit.warmup)
    declared.Choice("decay", list(fit.decay))
    _declare_range(declared, "label_smoothing", fit.label_smoothing)
    declared.Choice("ema_momentum", list(fit.ema_momentum))
    return declared


def _declare_range(declared: keras_tuner.HyperParameters, name: str, numbers: Range) -> None:
    declared.Float(name, numbers.low, numbers.high, sampling=numbers.sampling)


def choose(space: Space, values: Mapping[str, Value]) -> dict[str, dict[str, Any]]:
    """What `values` (by name of hyperparameter) say of the sections of a model, as plain data."""
    kind = values["optimizer"]
    optimizers = [candidate.optimizer for candidate in space.fit.optimizers]
    depth = int(values["depth"])
    return {
        "network": {
            "filters": [values[f"filters{place}"] for place in range(1, depth + 1)],
            **{name: values[name] for name in ("kernel_size", "dropout")},
        },
        "augment": {
            "flip": bool(values["flip"]),  # KerasTuner makes it a number
            **{name: values[name] for name in ("shift", "cutout")},
        },
        "fit": {
            "optimizer": next(o for o in optimizers if o.kind == kind).model_dump(),
            "learning_rate": values[f"learning_rate.{kind}"],
            **{
                name: values[name]
                for name in ("warmup", "decay", "label_smoothing", "ema_momentum")
            },
        },
    }


def apply(base: Model, chosen: Mapping[str, Mapping[str, Any]], *, epochs: int) -> Model:
    """`base` with the settings that were `chosen`, trained for `epochs` epochs.

    Raises `SpaceError` if `base` is of a kind that the space is not of.
    """
    if base.network.kind != "cnn":
        raise SpaceError(
            f"params.yaml: tune.space is of networks of the kind cnn; this one is of the kind "
            f"{base.network.kind}"
        )
    settings = base.model_dump()
    for section, changes in chosen.items():
        settings[section] |= changes
    settings["fit"]["epochs"] = epochs
    return Model.model_validate(settings)
