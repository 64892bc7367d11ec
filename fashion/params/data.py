"""`data`: what the data set is."""

from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt, StringConstraints, field_validator

from fashion.params.section import StageSection

ClassName = Annotated[str, StringConstraints(min_length=1)]


class Data(StageSection):
    """The class names in the order of labels, and the size of an image in pixels."""

    key: ClassVar[str] = "data"

    classes: Annotated[tuple[ClassName, ...], Field(min_length=2, max_length=256, strict=False)]
    image_height: PositiveInt
    image_width: PositiveInt

    @field_validator("classes")
    @classmethod
    def _names_differ(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"expected each class once, received {', '.join(twice)} twice")
        return names
