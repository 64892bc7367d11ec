"""The typed, strict form of `params.yaml`: one frozen model per section.

In: the path of a YAML file. Out: `Params`, or `ParamsError` with one line per fault. An unknown
key, a wrong type, a NaN or a value out of range is refused; nothing has a hidden default, so what
`dvc params diff` shows is all there is. Importing this room imports neither TensorFlow nor Keras,
so a mistyped key is told at once. Check a file by `python -m fashion.params`.
"""

import reprlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from fashion.errors import FashionError

Fraction = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
NetworkName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Widths = Annotated[tuple[PositiveInt, ...], Field(min_length=1, strict=False)]
T = TypeVar("T")
Choices = Annotated[tuple[T, ...], Field(min_length=1, strict=False)]


SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 60
SHORT.maxlevel = SHORT.maxlist = SHORT.maxdict = 3


class ParamsError(FashionError):
    """`params.yaml` is not what the pipeline understands."""

    exit_code = 2


class Section(BaseModel):
    """A frozen mapping that refuses unknown keys, coerced types and non-finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SiteSource(Section):
    """A web folder that `fashion.sources` knows by name."""

    site: Literal["zalando", "keras"]


class UrlSource(Section):
    """A web folder that holds `NAME.gz` or `NAME` for each file."""

    url: Annotated[HttpUrl, Field(strict=False)]


class DebianSource(Section):
    """A Debian or Ubuntu package that installs the files, and the folder it installs them to."""

    debian: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
    folder: Annotated[str, StringConstraints(pattern=r"^/.")]


class DirectorySource(Section):
    """A folder of this machine that holds `NAME.gz` or `NAME` for each file."""

    directory: Annotated[str, StringConstraints(min_length=1)]


def _kind_of_source(value: object) -> str | None:
    fields = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next(
        (f"a {key}" for key in ("site", "url", "debian", "directory") if key in fields), None
    )


Source = Annotated[
    Annotated[SiteSource, Tag("a site")]
    | Annotated[UrlSource, Tag("a url")]
    | Annotated[DebianSource, Tag("a debian")]
    | Annotated[DirectorySource, Tag("a directory")],
    Discriminator(
        _kind_of_source,
        custom_error_type="source",
        custom_error_message="expected a mapping with one of the keys site, url, debian, directory",
    ),
]


class Download(Section):
    """Where the IDX files come from, in the order tried, and what their content must be."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1, strict=False)]
    connect_seconds: Annotated[float, Field(gt=0, le=600)]
    retries: NonNegativeInt
    max_megabytes: PositiveInt
    sha256: Annotated[dict[FileName, Sha256], Field(min_length=1)]


class Preprocess(Section):
    """How the training images are split, and how unequal the classes may be."""

    validation_images: PositiveInt
    seed: Seed
    max_imbalance: Annotated[float, Field(ge=1)]


class Mlp(Section):
    """Flatten, then dense ReLU layers of `units`, each followed by dropout."""

    kind: Literal["mlp"]
    units: Widths
    dropout: Fraction


class Cnn(Section):
    """A stem of `filters[0]`, then one pooled residual block for each further width."""

    kind: Literal["cnn"]
    filters: Widths
    kernel_size: PositiveInt
    dropout: Fraction


Network = Annotated[Mlp | Cnn, Field(discriminator="kind")]


class Augment(Section):
    """Random changes to training images: a mirror, a shift, an erased square (pixels)."""

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
    """`fashion.optimizers.Muon`: `kernel_momentum` for convolutions, the rest as `Sgd`.

    `bias_lr_scale` times the learning rate is that of weights of one axis.
    """

    kind: Literal["muon"]
    kernel_momentum: Fraction
    bias_lr_scale: PositiveFloat
    momentum: Annotated[float, Field(gt=0, lt=1)]
    weight_decay: NonNegativeFloat


Optimizer = Annotated[Adam | Sgd | Muon, Field(discriminator="kind")]


class Selection(Section):
    """Which training images an epoch uses: a `share` of all, of which `hardest` the hardest.

    The first `whole_first` and the last `whole_last` epochs use all of them.
    """

    share: Annotated[float, Field(gt=0, le=1)]
    hardest: Annotated[float, Field(ge=0, le=1)]
    whole_first: PositiveInt
    whole_last: NonNegativeInt

    @model_validator(mode="after")
    def _the_hardest_are_a_part(self) -> Self:
        if self.hardest > self.share:
            raise ValueError(f"expected hardest at most share, which is {self.share}")
        return self


class Fit(Section):
    """One training run: how long, how fast, on which images and what loss."""

    epochs: PositiveInt
    batch_size: PositiveInt
    steps_per_execution: PositiveInt
    selection: Selection
    optimizer: Optimizer
    learning_rate: PositiveFloat
    warmup: Fraction
    decay: Literal["cosine", "linear"]
    label_smoothing: Fraction
    ema_momentum: Fraction


class Model(Section):
    """A network, what is done to its training images, and how it is fitted."""

    network: Network
    augment: Augment
    fit: Fit


class Train(Section):
    """What all trainings share; results are bit-equal only at equal `threads`."""

    seed: Seed
    threads: Annotated[int, Field(gt=0, le=1024)]


class Evaluate(Section):
    """How a trained model is judged on the test set; `views` are those of `fashion.views`."""

    batch_size: PositiveInt
    views: dict[NetworkName, Literal["none", "flip", "flip_shift"]]
    confidence_level: Annotated[float, Field(gt=0, lt=1)]
    calibration_bins: PositiveInt


class Plot(Section):
    """How pictures are drawn."""

    dpi: Annotated[int, Field(gt=0, le=600)]
    mistakes: PositiveInt
    examples: PositiveInt


class Range(Section):
    """Numbers from `low` to `high`, spread evenly (`linear`) or evenly in their logarithm."""

    low: NonNegativeFloat
    high: NonNegativeFloat
    sampling: Literal["linear", "log"]

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"expected high above low, which is {self.low}")
        if self.sampling == "log" and self.low == 0:
            raise ValueError("expected low above 0, which has no logarithm")
        return self


class FractionRange(Range):
    """A range within which every number is a `Fraction`."""

    high: Fraction


class NetworkSpace(Section):
    """Networks of the kind `cnn`: how many widths, and which for each place.

    `filters` has the choices for the first width, the second and so on; `depth` says how many of
    these a network may take.
    """

    depth: Choices[PositiveInt]
    filters: Annotated[tuple[Choices[PositiveInt], ...], Field(min_length=1, strict=False)]
    kernel_size: Choices[PositiveInt]
    dropout: FractionRange

    @model_validator(mode="after")
    def _every_depth_has_its_filters(self) -> Self:
        if max(self.depth) > len(self.filters):
            raise ValueError(f"expected filters for each depth; there are {len(self.filters)}")
        return self


class AugmentSpace(Section):
    """What may be done to training images."""

    flip: Choices[bool]
    shift: Choices[NonNegativeInt]
    cutout: Choices[NonNegativeInt]


class OptimizerSpace(Section):
    """An optimizer with the learning rates that suit it."""

    optimizer: Optimizer
    learning_rate: Range


class FitSpace(Section):
    """Optimizers and their schedules, and what is done to labels and weights."""

    optimizers: Annotated[tuple[OptimizerSpace, ...], Field(min_length=1, strict=False)]
    warmup: FractionRange
    decay: Choices[Literal["cosine", "linear"]]
    label_smoothing: FractionRange
    ema_momentum: Choices[Fraction]

    @model_validator(mode="after")
    def _kinds_differ(self) -> Self:
        kinds = [candidate.optimizer.kind for candidate in self.optimizers]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"expected each kind of optimizer once, found {', '.join(kinds)}")
        return self


class Space(Section):
    """The settings that a search may choose from; its sections are those of a model."""

    network: NetworkSpace
    augment: AugmentSpace
    fit: FitSpace


class Budget(Section):
    """What a search may spend: `trials`, and `minutes` of training summed over them."""

    trials: PositiveInt
    minutes: PositiveFloat


class MedianRule(Section):
    """End a trial that is below the median of `trials` or more others after an epoch.

    The first `epochs` epochs of a trial are never judged.
    """

    trials: PositiveInt
    epochs: PositiveInt


class RandomSearch(Section):
    """Trials at random, each of `epochs` epochs."""

    kind: Literal["random"]
    epochs: PositiveInt
    median_rule: MedianRule


class BayesianSearch(Section):
    """Trials where a Gaussian process expects most, after `initial_trials` at random."""

    kind: Literal["bayesian"]
    epochs: PositiveInt
    initial_trials: PositiveInt
    median_rule: MedianRule


class HyperbandSearch(Section):
    """Many short trials, the best 1/`factor` of which are trained `factor` times as long.

    That goes on up to `epochs` epochs, the whole `iterations` times over.
    """

    kind: Literal["hyperband"]
    epochs: PositiveInt
    factor: Annotated[int, Field(ge=2)]
    iterations: PositiveInt


class Tune(Section):
    """A search for better settings of a network.

    `validation_images` are held out of training and validation images together. A worker that is
    silent for `lost_after_seconds` is taken to be lost, and its trial given to another.
    """

    seed: Seed
    validation_images: PositiveInt
    lost_after_seconds: PositiveFloat
    budget: Budget
    algorithm: Annotated[
        RandomSearch | BayesianSearch | HyperbandSearch, Field(discriminator="kind")
    ]
    space: Space


class Params(Section):
    """The whole of `params.yaml`."""

    download: Download
    preprocess: Preprocess
    train: Train
    models: Annotated[dict[NetworkName, Model], Field(min_length=1)]
    tune: Tune
    evaluate: Evaluate
    plot: Plot

    @model_validator(mode="after")
    def _views_are_given_for_each_model(self) -> Self:
        if self.evaluate.views.keys() != self.models.keys():
            raise ValueError(
                f"expected evaluate.views for {', '.join(self.models)}; "
                f"it has {', '.join(self.evaluate.views)}"
            )
        return self

    def model(self, network: str) -> Model:
        """The section `models.NETWORK`; raises `ParamsError` if there is none."""
        if network not in self.models:
            raise ParamsError(
                f"params.yaml: models has no {network!r}; it has {', '.join(self.models)}"
            )
        return self.models[network]

    @model_validator(mode="before")
    @classmethod
    def _is_a_mapping(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError("expected sections, found an empty file or a bare value")  # noqa: TRY004  pydantic reports it
        return value


def load_params(path: str | Path = "params.yaml") -> Params:
    """Read and check `path`.

    YAML 1.2 rules (as DVC reads it), so `1e-3` is a number. Raises `ParamsError` naming each
    faulty key with what was expected and what was received.
    """
    try:
        document = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: cannot be read: {error}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ParamsError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    return check_params(document, path)


def check_params(document: object, path: str | Path) -> Params:
    """The typed form of `document`, which is told of as `path` in a `ParamsError`."""
    try:
        return Params.model_validate(document)
    except ValidationError as error:
        lines = [_describe(path, document, fault) for fault in _causes(error.errors())]
        raise ParamsError("\n".join(lines)) from None


def _causes(faults: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The faults but for lists said to be too short because of a fault in one of their items."""
    places = [fault["loc"] for fault in faults]
    for fault in faults:
        place = fault["loc"]
        has_children = any(len(p) > len(place) and p[: len(place)] == place for p in places)
        if not (fault["type"] == "too_short" and has_children):
            yield fault


def _describe(path: str | Path, document: object, fault: ErrorDetails) -> str:
    key = _key(document, fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{path}: {key}: unknown key; remove it or correct its spelling"
    if fault["type"] == "missing":
        return f"{path}: {key}: required key is missing"
    expected = fault["msg"].removeprefix("Value error, ")
    expected = expected.replace("tuple", "list").replace("Tuple", "List")
    if not fault["loc"]:
        return f"{path}: {expected}"
    return f"{path}: {key}: {expected}; received {_shorten(fault['input'])}"


def _key(document: object, location: Sequence[int | str]) -> str:
    """The dotted key of pydantic's `location`, without the union members it puts in between."""
    parts = []
    for depth, part in enumerate(location, start=1):
        inside = isinstance(document, dict) and part in document
        if inside or isinstance(document, list):
            document = document[part]  # type: ignore[index]
        elif depth < len(location):
            continue
        parts.append(str(part))
    return ".".join(parts) or "(file)"


def _shorten(value: object) -> str:
    """`value` in at most some 60 characters, however large it is."""
    return SHORT.repr(value)


if __name__ == "__main__":
    from fashion import command

    command.run(load_params)
