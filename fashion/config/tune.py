"""`tune`: a search for better settings of one network.

The space maps a parameter, by its dotted name below `models.NETWORK`, to a list of choices or to an
interval. The schema of the model checks the drawn values.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, StringConstraints, model_validator

from fashion.config.section import Name, NonEmpty, Section, Seed, StageSection

DottedName = Annotated[str, StringConstraints(pattern=r"^(network|augment|fit)(\.\w+)+$")]


class Interval(Section):
    """Numbers from `low` to `high`, uniform on a linear or logarithmic scale."""

    low: float
    high: float
    sampling: Literal["linear", "log"]

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"expected high above low, which is {self.low}")
        if self.sampling == "log" and self.low <= 0:
            raise ValueError("expected low above 0 for sampling log")
        return self


class RandomSearch(Section):
    """Random search: `trials` trials, each for `epochs` epochs."""

    kind: Literal["random"]
    epochs: PositiveInt
    trials: PositiveInt


class BayesianSearch(Section):
    """Bayesian search: `initial_trials` random trials, then choices of a Gaussian process."""

    kind: Literal["bayesian"]
    epochs: PositiveInt
    trials: PositiveInt
    initial_trials: PositiveInt


class HyperbandSearch(Section):
    """Hyperband: many short trials, of which the best are trained for longer.

    In each round, the best 1/`factor` are trained `factor` times as long, up to `epochs`. The whole
    search is repeated `iterations` times.
    """

    kind: Literal["hyperband"]
    epochs: PositiveInt
    factor: Annotated[int, Field(ge=2)]
    iterations: PositiveInt


Algorithm = Annotated[RandomSearch | BayesianSearch | HyperbandSearch, Field(discriminator="kind")]


class Tune(StageSection):
    """`validation_images` are drawn from the training and validation images together."""

    key: ClassVar[str] = "tune"

    network: Name
    seed: Seed
    validation_images: PositiveInt
    algorithm: Algorithm
    space: Annotated[dict[DottedName, NonEmpty[Any] | Interval], Field(min_length=1)]
