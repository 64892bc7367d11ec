"""`export`: the formats in which trained models are used elsewhere."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, PositiveInt, model_validator

from fashion.params.section import StageSection

Rate = Annotated[float, Field(gt=0, lt=1)]


class Export(StageSection):
    """Training images kept to compare with, thresholds, and images for the ranges of int8."""

    key: ClassVar[str] = "export"

    neighbours: PositiveInt
    nearest: PositiveInt
    false_alarm_rate: Rate
    unsure_below: Annotated[float, Field(ge=0, le=1)]
    calibration_images: PositiveInt

    @model_validator(mode="after")
    def _nearest_are_a_part(self) -> Self:
        if self.nearest > self.neighbours:
            raise ValueError(f"expected nearest at most neighbours, which is {self.neighbours}")
        return self
