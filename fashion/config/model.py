"""`models.NAME` or `champions.NAME`: a network, its training, and how it is evaluated.

A kind of network is a schema here, in `Network`, and a module of the same name in
`fashion/networks/` that builds it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from fashion.config.loader import ParamsError, assign, check, read, record_read
from fashion.config.section import PARAMS_FILE, Fraction, Section, Widths

SECTIONS = ("models", "champions")


class Mlp(Section):
    """Flatten, then dense ReLU layers of `units`, each followed by dropout."""

    kind: Literal["mlp"]
    units: Widths
    dropout: Fraction


class Cnn(Section):
    """A stem of `filters[0]`; for each other width a residual block, `branch_depth` deep."""

    kind: Literal["cnn"]
    filters: Widths
    branch_depth: PositiveInt
    kernel_size: PositiveInt
    dropout: Fraction


Network = Annotated[Mlp | Cnn, Field(discriminator="kind")]


class Augment(Section):
    """Random changes to training images: a horizontal flip, a shift, a cutout square (pixels)."""

    flip: bool
    shift: NonNegativeInt
    cutout: NonNegativeInt


class Adam(Section):
    """`keras.optimizers.Adam`."""

    kind: Literal["adam"]


class Sgd(Section):
    """`keras.optimizers.SGD` with Nesterov momentum and decoupled weight decay."""

    kind: Literal["sgd"]
    momentum: Fraction
    weight_decay: NonNegativeFloat


class Muon(Section):
    """`fashion.training.optimizers.Muon`: `kernel_momentum` for convolutions, the rest as `Sgd`.

    `bias_lr_scale` times the learning rate is that of weights of one axis.
    """

    kind: Literal["muon"]
    kernel_momentum: Fraction
    bias_lr_scale: PositiveFloat
    momentum: Annotated[float, Field(gt=0, lt=1)]
    weight_decay: NonNegativeFloat


Optimizer = Annotated[Adam | Sgd | Muon, Field(discriminator="kind")]


class Selection(Section):
    """Which training images an epoch uses: a `fraction` of all.

    `hard_fraction` of all are those with the highest per-sample error, the rest is drawn from the
    others. The first `full_epochs_start` and the last `full_epochs_end` epochs use all images.
    """

    fraction: Annotated[float, Field(gt=0, le=1)]
    hard_fraction: NonNegativeFloat
    full_epochs_start: PositiveInt
    full_epochs_end: NonNegativeInt

    @model_validator(mode="after")
    def _hard_images_are_a_part(self) -> Self:
        if self.hard_fraction > self.fraction:
            raise ValueError(f"expected hard_fraction at most fraction, which is {self.fraction}")
        return self


Part = Annotated[float, Field(gt=0, lt=1)]


class ProgressiveResizing(Section):
    """The first `fraction` of epochs see images of `scale` times the height and width."""

    scale: Part
    fraction: Part


class Fit(Section):
    """One training run: how long, how fast, on which images and what loss."""

    epochs: PositiveInt
    batch_size: PositiveInt
    steps_per_execution: PositiveInt
    selection: Selection
    progressive_resizing: ProgressiveResizing | None
    optimizer: Optimizer
    learning_rate: PositiveFloat
    warmup: Fraction
    decay: Literal["cosine", "linear"]
    label_smoothing: Fraction
    ema_momentum: Fraction


class Model(Section):
    """All about one network; `tta` is the test-time augmentation of `fashion.evaluation.tta`."""

    network: Network
    augment: Augment
    fit: Fit
    tta: Literal["none", "flip", "flip_shift"]

    @classmethod
    def load(
        cls,
        name: str,
        path: str | Path = PARAMS_FILE,
        parts: Sequence[str] = ("network", "augment", "fit"),
    ) -> Self:
        """The network `name` of `SECTIONS` in the file `path`, of which the caller uses `parts`.

        Raises `ParamsError` if there is none, or naming each faulty key.
        """
        document = read(path)
        found = {key: value for key in SECTIONS if isinstance(value := document.get(key), dict)}
        section = next((key for key, networks in found.items() if name in networks), None)
        if section is None:
            known = ", ".join(str(other) for networks in found.values() for other in networks)
            raise ParamsError(
                f"{path}: no network is named {name!r}; the networks are {known or 'none'}"
            )
        network = found[section][name]
        model = check(cls, network, path, f"{section}.{name}")
        for part in parts:
            record_read(path, f"{section}.{name}.{part}", network[part])
        return model

    def changed(self, values: Mapping[str, Any]) -> Self:
        """This with `values` by dotted name, as in `{"fit.learning_rate": 0.1}`.

        Raises `ValueError` where a value or a name is not one of the schema's.
        """
        document = self.model_dump()
        for name, value in values.items():
            assign(document, name, value)
        return self.model_validate(document)
