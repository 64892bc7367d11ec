"""The sections that belong to one stage each: `preprocess` to `plot`."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from fashion.config.section import Seed, StageSection


class Preprocess(StageSection):
    """`max_imbalance` is the largest class over the smallest.

    `test_fraction` is that of images without folders `train` and `test`; `unreadable` says
    whether images that cannot be read are refused or left out.
    """

    key: ClassVar[str] = "preprocess"

    validation_images: PositiveInt
    seed: Seed
    max_imbalance: Annotated[float, Field(ge=1)]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    unreadable: Literal["refuse", "skip"]


class Describe(StageSection):
    """How many `images` of a class and `pairs` of a kind are shown, and which are `near`.

    `near` is the largest root-mean-square difference of their pixels, in grey levels of 0 to 255.
    """

    key: ClassVar[str] = "describe"

    images: PositiveInt
    pairs: PositiveInt
    near: Annotated[float, Field(ge=0, lt=128)]


class Train(StageSection):
    """Results are bit-equal only at equal `threads` and `precision`."""

    key: ClassVar[str] = "train"

    seed: Seed
    threads: Annotated[int, Field(gt=0, le=1024)]
    precision: Literal["float32", "bfloat16"]


class Evaluate(StageSection):
    """Images per batch at most, and the number of confidence bins of the calibration error.

    A batch has fewer images where they are large (`fashion.batching`).
    """

    key: ClassVar[str] = "evaluate"

    batch_size: PositiveInt
    reliability_bins: PositiveInt


Rate = Annotated[float, Field(gt=0, lt=1)]


class Export(StageSection):
    """Training images kept to compare with, thresholds, and images for the ranges of int8."""

    key: ClassVar[str] = "export"

    neighbours: PositiveInt
    nearest: PositiveInt
    target_fpr: Rate
    min_confidence: Annotated[float, Field(ge=0, le=1)]
    representative_images: PositiveInt

    @model_validator(mode="after")
    def _nearest_are_a_part(self) -> Self:
        if self.nearest > self.neighbours:
            raise ValueError(f"expected nearest at most neighbours, which is {self.neighbours}")
        return self


class Plot(StageSection):
    """Resolution, how many mistakes, and how many examples of each class."""

    key: ClassVar[str] = "plot"

    dpi: Annotated[int, Field(gt=0, le=600)]
    mistakes: PositiveInt
    examples: PositiveInt
