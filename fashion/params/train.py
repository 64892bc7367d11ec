"""`train`: what all trainings share."""

from typing import Annotated, ClassVar

from pydantic import Field

from fashion.params.section import Seed, StageSection


class Train(StageSection):
    """Results are bit-equal only at equal `threads`."""

    key: ClassVar[str] = "train"

    seed: Seed
    threads: Annotated[int, Field(gt=0, le=1024)]
