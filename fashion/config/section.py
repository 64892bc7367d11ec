"""The base class of all sections of `params.yaml`, and types that several sections use.

No parameter has a default, so `dvc params diff` shows all of them. A stage loads its own section,
as in `Plot.load()`; `fashion.config.params` checks the whole file. TensorFlow is not imported.
"""

from pathlib import Path
from typing import Annotated, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, StringConstraints

from fashion.config.loader import ParamsError, check, read, record_read

PARAMS_FILE = "params.yaml"
Fraction = Annotated[float, Field(ge=0, lt=1)]
PositiveFraction = Annotated[float, Field(gt=0, lt=1)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
# Folders of reports/ that do not belong to a network.
RESERVED_NAMES = (
    "accuracy_vs_flops",
    "benchmarks",
    "data",
    "label_issues",
    "label_noise",
    "photographs",
    "tune",
)


def _refuse_reserved(name: str) -> str:
    if name.lower() in RESERVED_NAMES:
        raise ValueError(f"expected a name other than {', '.join(RESERVED_NAMES)}")
    return name


Name = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$"), AfterValidator(_refuse_reserved)
]
T = TypeVar("T")
NonEmpty = Annotated[tuple[T, ...], Field(min_length=1, strict=False)]
Widths = NonEmpty[PositiveInt]


class Section(BaseModel):
    """An immutable section that refuses unknown keys, wrong types, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class StageSection(Section):
    """A section at the top level of the file, named `key`."""

    key: ClassVar[str]

    @classmethod
    def load(cls, path: str | Path = PARAMS_FILE) -> Self:
        """Load the section from `path`; raises `ParamsError` with a line for each fault."""
        document = read(path)
        if cls.key not in document:
            raise ParamsError(f"{path}: {cls.key}: required key is missing")
        record_read(path, cls.key, document[cls.key])
        return check(cls, document[cls.key], path, cls.key)
