"""Files that appear complete or not at all, with equal bytes for equal content.

Everything is written beside its final path and moved there when it is whole, and
nothing in it depends on the clock, the path or the library's version stamp.
"""

import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from fashion.errors import FashionError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ArtifactError(FashionError):
    """A file that was about to be written, or was read, is not what it should be."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; move it to `path` if the block ends well, else remove it.

    The path is the same each time, so what a killed run leaves there the next one takes over.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".unfinished-{path.name}")
    try:
        yield partial
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        if error.errno and not error.filename:  # a full disk is told without the file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def refusing(path: str | Path, kind: str, *errors: type[Exception]) -> Iterator[None]:
    """Raise `ArtifactError` if `path` is not there, or if reading it as `kind` raises `errors`."""
    try:
        yield
    except FileNotFoundError as error:
        raise ArtifactError(f"{path}: is not there; `dvc repro` makes it") from error
    except errors as error:
        raise ArtifactError(f"{path}: is not {kind}: {error}") from error


@contextmanager
def npy_writer(path: str | Path, shape: tuple[int, ...]) -> Iterator[Callable[[np.ndarray], None]]:
    """Write a uint8 `.npy` of `shape` chunk by chunk: call what is given with each chunk of rows.

    Raises `ArtifactError` if the chunks are not `shape` together.
    """
    with replacing(path) as partial, partial.open("wb") as stream:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, header)
        start = stream.tell()

        def append(chunk: np.ndarray) -> None:
            stream.write(np.ascontiguousarray(chunk, np.uint8).data)

        yield append
        if stream.tell() - start != int(np.prod(shape)):
            raise ArtifactError(f"{path}: {stream.tell() - start} bytes were written for {shape}")


def read_npy(path: str | Path) -> np.ndarray:
    """The array in `path`, memory-mapped and read-only; never unpickles."""
    with refusing(path, "a readable .npy file", ValueError, EOFError):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write `content` indented, in the order given; NaN and infinity are refused."""
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: str | Path) -> dict[str, Any]:
    """What `write_json` wrote to `path`."""
    with refusing(path, "a readable JSON file", ValueError):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def write_yaml(path: str | Path, content: dict[str, Any]) -> None:
    """Write `content` as YAML, mappings as blocks in the order given."""
    text = io.StringIO()
    YAML().dump(content, text)
    write_text(path, text.getvalue())


def read_yaml(path: str | Path) -> dict[str, Any]:
    """What `write_yaml` wrote to `path`."""
    with refusing(path, "a readable YAML file", ValueError, YAMLError):
        return YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))


def write_csv(path: str | Path, table: pd.DataFrame) -> None:
    """Write `table` with its column names and without its index."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def read_csv(
    path: str | Path, separator: str = ",", text_columns: Sequence[str] = ()
) -> pd.DataFrame:
    """The table in `path`, its first line the column names; `text_columns` are never numbers."""
    dtype = dict.fromkeys(text_columns, "str")
    with refusing(path, "a readable table", ValueError):
        return pd.read_csv(path, sep=separator, dtype=dtype, keep_default_na=False, na_values=[""])


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 with the line ends it has."""
    with replacing(path) as partial:
        partial.write_bytes(text.encode("utf-8"))


def write_figure(path: str | Path, figure: "Figure", dpi: int) -> None:
    """Write `figure` as PNG without the name and version of what drew it."""
    with replacing(path) as partial:
        figure.savefig(partial, dpi=dpi, format="png", metadata={"Software": None})
