"""Reading and writing of files, complete or not at all, with equal bytes for equal content.

A file is written beside its final path and moved there when it is complete. Its content does not
depend on the time, the path or the versions of libraries.
"""

import hashlib
import io
import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ruamel.yaml import YAML

from fashion.errors import FashionError

if TYPE_CHECKING:  # slow to import, and not needed by all stages
    import pandas as pd
    from matplotlib.figure import Figure

CHUNK_BYTES = 1 << 23
TRAIN_AGAIN = "`make repro` (for a champion `make champion`)"


class FileError(FashionError):
    """A file that is missing or does not have the expected content."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a path to write to; move the file to `path` if the block succeeds, else remove it.

    The yielded path is always the same, so the next run overwrites what a killed run left there.
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
        if error.errno and not error.filename:  # the error of a full disk names no file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def reading(path: str | Path, expected: str, *errors: type[Exception]) -> Iterator[None]:
    """Raise `FileError` if `path` is missing, or if the block raises one of `errors`."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileError(f"{path}: missing; run `dvc checkout`, or {TRAIN_AGAIN}") from error
    except errors as error:
        raise FileError(f"{path}: expected {expected}: {error}") from error


def sha256(path: str | Path) -> str:
    """The SHA-256 digest of the file `path`, in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_npy(path: str | Path, source: np.ndarray, indices: np.ndarray) -> None:
    """Write `source[indices]` (int [count]) as `.npy`, with about `CHUNK_BYTES` in memory."""
    size = max(1, CHUNK_BYTES // (source.dtype.itemsize * math.prod(source.shape[1:])))
    with replacing(path) as partial, partial.open("wb") as stream:
        header = {
            "descr": np.lib.format.dtype_to_descr(source.dtype),
            "fortran_order": False,
            "shape": (len(indices), *source.shape[1:]),
        }
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, len(indices), size):
            stream.write(np.ascontiguousarray(source[indices[start : start + size]]).data)


def read_npy(path: str | Path) -> np.ndarray:
    """The array in `path`, memory-mapped and read-only; pickles are refused."""
    with reading(path, "a .npy file", ValueError, EOFError):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write `content` indented, in the order given; NaN and infinity are refused."""
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: str | Path) -> dict[str, Any]:
    """The content of the JSON file `path`."""
    with reading(path, "a JSON file", ValueError):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def write_yaml(path: str | Path, content: dict[str, Any]) -> None:
    """Write `content` as YAML, in the order given."""
    text, yaml = io.StringIO(), YAML()
    yaml.width = 100  # so that a SHA-256 is on the line of its key
    yaml.dump(content, text)
    write_text(path, text.getvalue())


def write_csv(path: str | Path, table: "pd.DataFrame") -> None:
    """Write `table` with its column names, without its index."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def read_csv(path: str | Path, text_columns: Sequence[str] = ()) -> "pd.DataFrame":
    """The table in `path`, whose first line has the column names.

    `text_columns` are read as text. Only an empty cell is a missing value.
    """
    import pandas as pd

    dtype = dict.fromkeys(text_columns, "str")
    with reading(path, "a table", ValueError):
        return pd.read_csv(path, dtype=dtype, keep_default_na=False, na_values=[""])


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, with its line ends unchanged."""
    with replacing(path) as partial:
        partial.write_bytes(text.encode("utf-8"))


def write_figure(path: str | Path, figure: "Figure", dpi: int) -> None:
    """Write `figure` as PNG, without the name and version of matplotlib."""
    with replacing(path) as partial:
        figure.savefig(partial, dpi=dpi, format="png", metadata={"Software": None})
