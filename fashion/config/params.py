"""The whole file `params.yaml`."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from fashion.config.data import Data
from fashion.config.download import Download
from fashion.config.loader import check, read
from fashion.config.model import Model
from fashion.config.section import PARAMS_FILE, Name, Section
from fashion.config.stages import (
    Describe,
    Evaluate,
    Export,
    LabelIssues,
    OodDetection,
    Plot,
    Preprocess,
    Train,
)
from fashion.config.tune import Interval, Tune


class Params(Section):
    """All sections. `models` and `champions` are the only lists of networks in the project."""

    data: Data
    download: Download
    preprocess: Preprocess
    describe: Describe
    train: Train
    models: Annotated[dict[Name, Model], Field(min_length=1)]
    champions: dict[Name, Model]
    evaluate: Evaluate
    ood_detection: OodDetection
    export: Export
    plot: Plot
    tune: Tune
    label_issues: LabelIssues

    @property
    def networks(self) -> dict[str, Model]:
        """The networks that `dvc repro` trains, then those that `make champion` trains."""
        return self.models | self.champions

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if both := self.models.keys() & self.champions.keys():
            raise ValueError(f"champions.{min(both)}: expected a name that is not one of models")
        names: dict[str, str] = {}
        for name in self.networks:
            if (other := names.setdefault(name.lower(), name)) != name:
                raise ValueError(
                    f"the networks {other} and {name} differ in case only, so their files are the "
                    "same on macOS and Windows; rename one"
                )
        return self

    @model_validator(mode="after")
    def _space_is_valid(self) -> Self:
        """Each choice, and both ends of each interval, must be valid for the searched network."""
        base = self.models.get(self.tune.network)
        if base is None:
            raise ValueError(
                f"expected tune.network to be one of {', '.join(self.models)}, "
                f"received {self.tune.network}"
            )
        if "fit.epochs" in self.tune.space:
            raise ValueError("tune.space.fit.epochs: remove it and set tune.algorithm.epochs")
        for name, choices in self.tune.space.items():
            ends = (choices.low, choices.high) if isinstance(choices, Interval) else choices
            for value in ends:
                try:
                    base.with_values({name: value})
                except ValidationError as error:
                    reason = error.errors()[0]["msg"]
                    raise ValueError(f"tune.space.{name}: {value}: {reason}") from None
                except ValueError as error:
                    raise ValueError(f"tune.space.{name}: {error}") from None
        return self

    @classmethod
    def load(cls, path: str | Path = PARAMS_FILE) -> Self:
        """Load the file `path`; raises `ParamsError` with a line for each fault."""
        return check(cls, read(path), path)
