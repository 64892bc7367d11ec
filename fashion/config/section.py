"""What all sections of `params.yaml` share: strictness, common types, and loading by key.

A section is a frozen mapping. Unknown keys, coerced types, NaN and infinity are refused, and
nothing has a default, so what `dvc params diff` shows is all there is. A stage loads its own
section, as in `Plot.load()`; `fashion.config.params` checks the whole file. Neither TensorFlow nor
Keras is imported.
"""

from pathlib import Path
from typing import Annotated, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, StringConstraints

from fashion.config.loader import ParamsError, check, read, record_read

PARAMS_FILE = "params.yaml"
Fraction = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
# Folders of reports/ that are no network's.
RESERVED_NAMES = ("accuracy_vs_flops", "benchmarks", "data", "label_noise", "tune")


def _is_free(name: str) -> str:
    if name.lower() in RESERVED_NAMES:
        raise ValueError(f"expected another name than {', '.join(RESERVED_NAMES)}, which are taken")
    return name


Name = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$"), AfterValidator(_is_free)
]
T = TypeVar("T")
NonEmpty = Annotated[tuple[T, ...], Field(min_length=1, strict=False)]
Widths = NonEmpty[PositiveInt]


class Section(BaseModel):
    """A frozen mapping that refuses unknown keys, coerced types and non-finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class StageSection(Section):
    """A section at the top of the file, at `key`."""

    key: ClassVar[str]

    @classmethod
    def load(cls, path: str | Path = PARAMS_FILE) -> Self:
        """The section in the file `path`.

        Raises `ParamsError` naming each faulty key with what was expected and what was received.
        """
        document = read(path)
        if cls.key not in document:
            raise ParamsError(f"{path}: {cls.key}: required key is missing")
        record_read(path, cls.key, document[cls.key])
        return check(cls, document[cls.key], path, cls.key)
