"""`tune`: a search for better settings of one network.

The space maps dotted names of parameters below `models.NETWORK` to what they may be: a list of
choices of any form, or an interval. It has no schema of its own: a drawn value is checked by the
model's section that it becomes a part of.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, StringConstraints, model_validator

from fashion.config.section import Name, NonEmpty, Section, Seed, StageSection

DottedName = Annotated[str, StringConstraints(pattern=r"^(network|augment|fit)(\.\w+)+$")]


class Interval(Section):
    """Numbers from `low` to `high`, spread evenly, or evenly in their logarithm (`log`)."""

    low: float
    high: float
    sampling: Literal["linear", "log"]

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"expected high above low, which is {self.low}")
        if self.sampling == "log" and self.low <= 0:
            raise ValueError("expected low above 0, which has no logarithm")
        return self


class RandomSearch(Section):
    """`trials` trials at random, each of `epochs` epochs."""

    kind: Literal["random"]
    epochs: PositiveInt
    trials: PositiveInt


class BayesianSearch(Section):
    """Trials where a Gaussian process expects most, after `initial_trials` at random."""

    kind: Literal["bayesian"]
    epochs: PositiveInt
    trials: PositiveInt
    initial_trials: PositiveInt


class HyperbandSearch(Section):
    """Many short trials, the best 1/`factor` of which are trained `factor` times as long.

    That goes on up to `epochs` epochs, the whole `iterations` times over.
    """

    kind: Literal["hyperband"]
    epochs: PositiveInt
    factor: Annotated[int, Field(ge=2)]
    iterations: PositiveInt


Algorithm = Annotated[RandomSearch | BayesianSearch | HyperbandSearch, Field(discriminator="kind")]


class Tune(StageSection):
    """`validation_images` are held out of training and validation images together."""

    key: ClassVar[str] = "tune"

    network: Name
    seed: Seed
    validation_images: PositiveInt
    algorithm: Algorithm
    space: Annotated[dict[DottedName, NonEmpty[Any] | Interval], Field(min_length=1)]
