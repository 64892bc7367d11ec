"""`describe`: the report of the data."""

from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from fashion.params.section import StageSection


class Describe(StageSection):
    """How many `pictures` of a class and `pairs` of a kind are shown, and which are `near`.

    `near` is the largest root-mean-square difference of their pixels, in grey levels of 0 to 255.
    """

    key: ClassVar[str] = "describe"

    pictures: PositiveInt
    pairs: PositiveInt
    near: Annotated[float, Field(ge=0, lt=128)]
