"""`plot`: how figures are drawn."""

from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from fashion.params.section import StageSection


class Plot(StageSection):
    """Resolution, how many mistakes, and how many examples of each class."""

    key: ClassVar[str] = "plot"

    dpi: Annotated[int, Field(gt=0, le=600)]
    mistakes: PositiveInt
    examples: PositiveInt
