"""`preprocess`: how the training images are split, and how unequal the classes may be."""

from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from fashion.params.section import Seed, StageSection


class Preprocess(StageSection):
    """`max_imbalance` is the largest class over the smallest."""

    key: ClassVar[str] = "preprocess"

    validation_images: PositiveInt
    seed: Seed
    max_imbalance: Annotated[float, Field(ge=1)]
