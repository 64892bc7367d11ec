"""`train`: what all trainings share."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fashion.params.section import Seed, StageSection


class Train(StageSection):
    """Results are bit-equal only at equal `threads` and `precision`."""

    key: ClassVar[str] = "train"

    seed: Seed
    threads: Annotated[int, Field(gt=0, le=1024)]
    precision: Literal["float32", "bfloat16"]
