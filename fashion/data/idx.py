"""The IDX file format of MNIST and its successors, memory-mapped.

A file is a big-endian header (two zero bytes, a type code, the number of dimensions, each
dimension as uint32) and then the values. Unsigned bytes are read here, and the labels of QMNIST:
int32 [count, 8], of which the first column is the class.
Source: yann.lecun.com/exdb/mnist, "The IDX file format"; github.com/facebookresearch/qmnist.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fashion.config.idx_names import ROLES, idx_role, role_names
from fashion.data.layout import list_folder
from fashion.errors import FashionError
from fashion.names import some

UNSIGNED_BYTE, INT = 0x08, 0x0C
LARGEST_LABEL = 255
CHANNELS = {3: "`channels: 1`", 4: "`channels: 3` and `preprocessing: pad`"}  # by dimensions


class IdxError(FashionError):
    """A file that is not the IDX file it should be, or one that is missing."""


def find_idx(raw: str | Path) -> Mapping[tuple[str, str], Path]:
    """The IDX file of each role (`fashion.config.idx_names`) in the folder `raw`; {} for none.

    Raises `IdxError` unless there is one of each or none at all.
    """
    files = list_folder(raw)[1]
    found = {role: [path for path in files if idx_role(path.name) == role] for role in ROLES}
    if not any(found.values()):
        return {}
    faults = [
        f"'{raw}': expected one IDX file of {role_names(role)}, found "
        + (
            f"{some(path.name for path in paths)}; move all but one out of it"
            if paths
            else "none; put it there"
        )
        for role, paths in found.items()
        if len(paths) != 1
    ]
    if faults:
        raise IdxError("\n".join(faults))
    return {role: paths[0] for role, paths in found.items()}


def read_idx(path: str | Path, dimensions: int) -> np.ndarray:
    """The uint8 array of `dimensions` axes in the IDX file `path`, read-only.

    Raises `IdxError` if the header is another one or the length is not what the header says, and
    `FileNotFoundError` if there is no such file.
    """
    return _read(Path(path), UNSIGNED_BYTE, dimensions)


def read_labels(path: str | Path) -> np.ndarray:
    """The labels (uint8 [count]) in the IDX file `path`; raises as `read_idx` does."""
    path = Path(path)
    with path.open("rb") as stream:
        is_table = stream.read(4) == _magic(INT, 2)
    if not is_table:
        return read_idx(path, dimensions=1)
    labels = _read(path, INT, 2)[:, 0]
    if labels.min() < 0 or labels.max() > LARGEST_LABEL:
        raise IdxError(
            f"{path}: expected classes from 0 to {LARGEST_LABEL} in the first column, found "
            f"{labels.min()} to {labels.max()}; write them as an IDX file of unsigned bytes"
        )
    return labels.astype(np.uint8)


def _magic(code: int, dimensions: int) -> bytes:
    return bytes((0, 0, code, dimensions))


def _read(path: Path, code: int, dimensions: int) -> np.ndarray:
    offset = 4 + 4 * dimensions
    with path.open("rb") as stream:
        header = stream.read(offset)
    expected = _magic(code, dimensions)
    if len(header) < offset or header[:4] != expected:
        raise IdxError(
            f"{path}: expected an IDX header of unsigned bytes with {dimensions} dimension(s) "
            f"({expected.hex()}), received {header[:4].hex() or 'an empty file'}; "
            f"{_advice(header[:4], dimensions)}"
        )
    kind = np.dtype(np.uint8 if code == UNSIGNED_BYTE else ">i4")
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4", offset=4))
    expected_length, length = offset + math.prod(shape) * kind.itemsize, path.stat().st_size
    if length != expected_length:
        raise IdxError(
            f"{path}: expected {expected_length} bytes for {shape}, received {length}; the file is "
            "cut off or damaged: get it again, and correct its SHA-256 in download.files"
        )
    if not math.prod(shape):
        raise IdxError(
            f"{path}: expected items, received none: {shape}; write a file that has some"
        )
    return np.memmap(path, kind, "r", offset, shape)


def _advice(magic: bytes, dimensions: int) -> str:
    """What to do about a file that begins with `magic` and should have `dimensions`."""
    if magic[:2] == b"\x1f\x8b":
        return "unpack it: gunzip"
    if len(magic) < 4 or magic[:2] != b"\0\0":  # noqa: PLR2004
        return "this is no IDX file: get the file again, and correct its SHA-256 in download.files"
    if 1 in (magic[3], dimensions) and {magic[3], dimensions} & CHANNELS.keys():
        return "images and labels are interchanged: exchange the names of the two files"
    if magic[2] == UNSIGNED_BYTE and magic[3] in CHANNELS and dimensions in CHANNELS:
        return f"write {CHANNELS[magic[3]]} under data in params.yaml"
    return "write the values as docs/own-data.md says under Other formats"
