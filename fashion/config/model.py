"""`models.NAME` or `champions.NAME`: a network, its training, and its evaluation.

An architecture is a schema in `Network`, and a module of `fashion/networks/` with the same name.
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
    StringConstraints,
    model_validator,
)

from fashion.config.loader import ParamsError, assign, check, read, record_read
from fashion.config.section import PARAMS_FILE, Fraction, PositiveFraction, Section, Sha256, Widths

SECTIONS = ("models", "champions")


class Mlp(Section):
    """Dense ReLU layers of `units`, each followed by dropout."""

    kind: Literal["mlp"]
    units: Widths
    dropout: Fraction


class Cnn(Section):
    """A stem with `filters[0]` channels, then a residual block for each other entry of `filters`.

    The branch of a block has `branch_depth` convolutions.
    """

    kind: Literal["cnn"]
    filters: Widths
    branch_depth: PositiveInt
    kernel_size: PositiveInt
    dropout: Fraction


BACKBONES = "data/backbones/pretrained"  # a dependency in `dvc.yaml`


class Pretrained(Section):
    """A trained Keras model (the backbone), average pooling, dropout, and a new last layer.

    The last `trainable_layers` convolutional and dense layers of the backbone are trained, the
    others stay as they are.
    """

    kind: Literal["pretrained"]
    backbone: Annotated[str, StringConstraints(pattern=rf"^{BACKBONES}/[^/]+\.keras$")]
    backbone_sha256: Sha256
    trainable_layers: NonNegativeInt
    dropout: Fraction


Network = Annotated[Mlp | Cnn | Pretrained, Field(discriminator="kind")]


class Augment(Section):
    """Random changes of the training images; 0 turns one off.

    Horizontal flip, rotation by at most `rotation` degrees, crops whose sides have at least
    1 - `scale` of those of the image, factors of brightness, contrast and saturation that differ
    from 1 by at most the given value, shift (pixels), and cutout (side of the square, pixels).
    """

    flip: bool
    rotation: Annotated[float, Field(ge=0, le=180)]
    scale: Fraction
    brightness: Fraction
    contrast: Fraction
    saturation: Fraction
    shift: NonNegativeInt
    cutout: NonNegativeInt


class Adam(Section):
    """`keras.optimizers.Adam`."""

    kind: Literal["adam"]


class AdamW(Section):
    """`keras.optimizers.AdamW`, whose weight decay is decoupled."""

    kind: Literal["adamw"]
    weight_decay: NonNegativeFloat


class Sgd(Section):
    """`keras.optimizers.SGD` with Nesterov momentum and decoupled weight decay."""

    kind: Literal["sgd"]
    momentum: Fraction
    weight_decay: NonNegativeFloat


class Muon(Section):
    """`fashion.training.optimizers.Muon`; `kernel_momentum` is for convolutions.

    Weights with one axis are trained at `bias_lr_scale` times the learning rate.
    """

    kind: Literal["muon"]
    kernel_momentum: Fraction
    bias_lr_scale: PositiveFloat
    momentum: PositiveFraction
    weight_decay: NonNegativeFloat


Optimizer = Annotated[Adam | AdamW | Sgd | Muon, Field(discriminator="kind")]


class Selection(Section):
    """Which training images an epoch uses: a `fraction` of all.

    The most difficult images, `hard_fraction` of all, are always used; the rest is drawn from the
    others. The first `full_epochs_start` and the last `full_epochs_end` epochs use all images.
    """

    fraction: Annotated[float, Field(gt=0, le=1)]
    hard_fraction: NonNegativeFloat
    full_epochs_start: PositiveInt
    full_epochs_end: NonNegativeInt

    @model_validator(mode="after")
    def _hard_fraction_is_at_most_fraction(self) -> Self:
        if self.hard_fraction > self.fraction:
            raise ValueError(f"expected hard_fraction at most fraction, which is {self.fraction}")
        return self


class ProgressiveResizing(Section):
    """In the first `fraction` of epochs, images have `scale` times their height and width."""

    scale: PositiveFraction
    fraction: PositiveFraction


class Fit(Section):
    """One training: processor instructions, duration, learning rate, images, and loss.

    With `class_weights: balanced`, all classes have the same weight in the training loss, however
    many images they have.
    """

    instructions: Literal["avx2", "native"]
    precision: Literal["float32", "bfloat16"]
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
    class_weights: Literal["none", "balanced"]
    ema_momentum: Fraction

    @model_validator(mode="after")
    def _bfloat16_is_native(self) -> Self:
        if self.precision == "bfloat16" and self.instructions != "native":
            raise ValueError("expected instructions: native with precision: bfloat16")
        return self


class Model(Section):
    """Configuration of one network; `tta` is its test-time augmentation."""

    network: Network
    augment: Augment
    fit: Fit
    tta: Literal["none", "flip", "flip_shift"]

    @model_validator(mode="after")
    def _muon_trains_from_scratch(self) -> Self:
        if self.network.kind == "pretrained" and self.fit.optimizer.kind == "muon":
            raise ValueError(
                "expected fit.optimizer adamw, adam or sgd with network.kind: pretrained, because "
                "muon rescales the kernels of convolutions"
            )
        return self

    @classmethod
    def load(
        cls,
        name: str,
        path: str | Path = PARAMS_FILE,
        sections: Sequence[str] = ("network", "augment", "fit"),
    ) -> Self:
        """Load the network `name` from the file `path`.

        `sections` are those that the caller uses; only their changes matter to `refuse_changes`.

        Raises `ParamsError` if there is no such network, or with a line for each fault.
        """
        document = read(path)
        groups = {key: value for key in SECTIONS if isinstance(value := document.get(key), dict)}
        section = next((key for key, networks in groups.items() if name in networks), None)
        if section is None:
            known = ", ".join(str(other) for networks in groups.values() for other in networks)
            raise ParamsError(
                f"{path}: expected the name of a network ({known or 'none is defined'}), "
                f"received {name!r}"
            )
        network = groups[section][name]
        model = check(cls, network, path, f"{section}.{name}")
        for used in sections:
            record_read(path, f"{section}.{name}.{used}", network[used])
        return model

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return a copy with other `values`, given by dotted name: `{"fit.learning_rate": 0.1}`.

        Raises `ValueError` if a name or a value does not fit the schema.
        """
        document = self.model_dump()
        for name, value in values.items():
            assign(document, name, value)
        return self.model_validate(document)
