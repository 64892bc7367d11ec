"""`preprocess`: how images are divided, how unequal classes may be, and what of bad pictures."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt

from fashion.params.section import Seed, StageSection


class Preprocess(StageSection):
    """`max_imbalance` is the largest class over the smallest.

    `test_fraction` is that of pictures without folders `train` and `test`; `unreadable` says
    whether pictures that cannot be read are refused or left out.
    """

    key: ClassVar[str] = "preprocess"

    validation_images: PositiveInt
    seed: Seed
    max_imbalance: Annotated[float, Field(ge=1)]
    test_fraction: Annotated[float, Field(gt=0, lt=1)]
    unreadable: Literal["refuse", "skip"]
