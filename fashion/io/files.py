"""Files that appear complete or not at all, with equal bytes for equal content.

Everything is written beside its final path and moved there when it is complete, and nothing in it
depends on the clock, the path or the library's version stamp.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ruamel.yaml import YAML

from fashion.errors import FashionError

if TYPE_CHECKING:  # stages without tables and figures start without these
    import pandas as pd
    from matplotlib.figure import Figure

CHUNK_ROWS = 4096


class FileError(FashionError):
    """A file that was about to be written, or was read, is not what it should be."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; move it to `path` if the block ends well, else remove it.

    The path is the same each time, so what a killed run leaves there the next one overwrites.
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
        if error.errno and not error.filename:  # a full disk comes without the file's name
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def reading(path: str | Path, kind: str, *errors: type[Exception]) -> Iterator[None]:
    """Raise `FileError` if `path` is missing, or if reading it as `kind` raises `errors`."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileError(f"{path}: missing; `dvc checkout` or `dvc repro` restores it") from error
    except errors as error:
        raise FileError(f"{path}: expected {kind}: {error}") from error


def sha256(path: str | Path) -> str:
    """The SHA-256 of the content of the file `path`, in hexadecimal; reads a chunk at a time."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_npy(path: str | Path, source: np.ndarray, rows: np.ndarray) -> None:
    """Write the `rows` (int [count]) of `source` as `.npy`, a chunk of rows in memory at a time."""
    with replacing(path) as partial, partial.open("wb") as stream:
        header = {
            "descr": np.lib.format.dtype_to_descr(source.dtype),
            "fortran_order": False,
            "shape": (len(rows), *source.shape[1:]),
        }
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, len(rows), CHUNK_ROWS):
            stream.write(np.ascontiguousarray(source[rows[start : start + CHUNK_ROWS]]).data)


def read_npy(path: str | Path) -> np.ndarray:
    """The array in `path`, memory-mapped and read-only; never unpickles."""
    with reading(path, "a .npy file", ValueError, EOFError):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write `content` indented, in the order given; NaN and infinity are refused."""
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: str | Path) -> dict[str, Any]:
    """What `write_json` wrote to `path`."""
    with reading(path, "a JSON file", ValueError):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def write_yaml(path: str | Path, content: dict[str, Any]) -> None:
    """Write `content` as YAML, mappings as blocks in the order given."""
    text, yaml = io.StringIO(), YAML()
    yaml.width = 100  # a SHA-256 stays on the line of its name
    yaml.dump(content, text)
    write_text(path, text.getvalue())


def write_csv(path: str | Path, table: "pd.DataFrame") -> None:
    """Write `table` with its column names and without its index."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def read_csv(path: str | Path, text_columns: Sequence[str] = ()) -> "pd.DataFrame":
    """The table in `path`, its first line the column names; `text_columns` are never numbers."""
    import pandas as pd

    dtype = dict.fromkeys(text_columns, "str")
    with reading(path, "a table", ValueError):
        return pd.read_csv(path, dtype=dtype, keep_default_na=False, na_values=[""])


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 with the line ends it has."""
    with replacing(path) as partial:
        partial.write_bytes(text.encode("utf-8"))


def write_figure(path: str | Path, figure: "Figure", dpi: int) -> None:
    """Write `figure` as PNG without the name and version of what drew it."""
    with replacing(path) as partial:
        figure.savefig(partial, dpi=dpi, format="png", metadata={"Software": None})
