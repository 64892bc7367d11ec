"""The IDX file format of MNIST and its successors, memory-mapped.

A file has a big-endian header (two zero bytes, a type code, the number of dimensions, each
dimension as uint32), followed by the values. The values are uint8, or the labels of QMNIST:
int32 [count, 8], whose first column is the class.
Source: yann.lecun.com/exdb/mnist, "The IDX file format"; github.com/facebookresearch/qmnist.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fashion.config.idx_names import ROLES, idx_role, role_names
from fashion.data.checks import DatasetError, check_label_range
from fashion.data.layout import list_folder
from fashion.data.splits import SIZE, Split
from fashion.errors import FashionError
from fashion.names import join_names

UINT8, INT32 = 0x08, 0x0C
MAX_LABEL = 255
CHANNELS = {3: "`channels: 1`", 4: "`channels: 3` and `preprocessing: pad`"}  # by dimensions
DOWNLOAD_AGAIN = "download it again, and correct its SHA-256 in download.files"


class IdxError(FashionError):
    """A file that is missing or is not the expected IDX file."""


class NumberedNames(Sequence[str]):
    """The names `FILE:0`, `FILE:1`, ... of the images in an IDX file, made on access."""

    def __init__(self, file: str, count: int):
        self._file, self._indices = file, range(count)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> str:  # type: ignore[override]
        return f"{self._file}:{self._indices[index]}"


def find_idx(raw: str | Path) -> Mapping[tuple[str, str], Path]:
    """The IDX file of each role (`fashion.config.idx_names`) in the folder `raw`.

    Empty if there are none, or if there are folders, which hold images. Raises `DatasetError` if
    `raw` is missing, and `IdxError` unless there is one file of each role.
    """
    if not Path(raw).is_dir():
        raise DatasetError(
            f"{raw}: expected a folder of images or IDX files, found none; run `dvc repro`"
        )
    folders, files = list_folder(raw)
    if folders:
        return {}
    found = {role: [path for path in files if idx_role(path.name) == role] for role in ROLES}
    if not any(found.values()):
        return {}
    errors = [
        f"{raw}: expected one IDX file of {role_names(role)}, found "
        + (
            f"{join_names(path.name for path in paths)}; remove all but one"
            if paths
            else "none; add it"
        )
        for role, paths in found.items()
        if len(paths) != 1
    ]
    if errors:
        raise IdxError("\n".join(errors))
    return {role: paths[0] for role, paths in found.items()}


def require_names(classes: Sequence[str] | None, raw: str | Path) -> list[str]:
    """Return `classes` as a list; raise `DatasetError` if it is None (`classes: folders`)."""
    if classes is None:
        raise DatasetError(
            f"{raw}: found IDX files, which have no class names; in params.yaml, replace "
            "`classes: folders` under data with a list of names in the order of labels"
        )
    return list(classes)


def read_idx_splits(
    files: Mapping[tuple[str, str], Path], classes: Sequence[str], axes: int
) -> list[Split]:
    """Read the training and test images from the IDX `files` of each role.

    `axes` is the number of axes of an image, 2 or 3. Labels from 1 to `len(classes)`, as in EMNIST
    Letters, are reduced by 1. Raises `IdxError` for a bad file and `DatasetError` for labels that
    do not match `classes`.
    """
    splits = [
        _read_split(files[split, "images"], files[split, "labels"], axes)
        for split in ("train", "test")
    ]
    lowest = min(int(split.labels.min()) for split in splits)
    highest = max(int(split.labels.max()) for split in splits)
    if (lowest, highest) == (1, len(classes)):
        splits = [split._replace(labels=split.labels - np.uint8(1)) for split in splits]
        print(f"labels count from 1: 1 is {classes[0]!r}, {highest} is {classes[-1]!r}")
    check_label_range([split.labels for split in splits], classes)
    return splits


def _read_split(images: Path, labels: Path, axes: int) -> Split:
    pixels = read_idx(images, dimensions=1 + axes)
    size = np.array([*pixels.shape[1:], 1][: len(SIZE)], np.int32)
    sizes = np.broadcast_to(size, (len(pixels), len(SIZE)))
    return Split(pixels, read_labels(labels), NumberedNames(images.name, len(pixels)), sizes)


def read_idx(path: str | Path, dimensions: int) -> np.ndarray:
    """Map the IDX file `path` as a read-only uint8 array with `dimensions` axes.

    Raises `IdxError` if the header does not match or the length differs from the header.
    """
    return _read(Path(path), UINT8, dimensions)


def read_labels(path: str | Path) -> np.ndarray:
    """Read the labels (uint8 [count]) in the IDX file `path`; raises as `read_idx` does."""
    path = Path(path)
    with path.open("rb") as stream:
        is_qmnist = stream.read(4) == _magic(INT32, 2)
    if not is_qmnist:
        return read_idx(path, dimensions=1)
    labels = _read(path, INT32, 2)[:, 0]
    if labels.min() < 0 or labels.max() > MAX_LABEL:
        raise IdxError(
            f"{path}: expected classes from 0 to {MAX_LABEL} in the first column, found "
            f"{labels.min()} to {labels.max()}; write an IDX file of uint8 labels"
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
            f"{path}: expected an IDX file with the header {expected.hex()}, found "
            f"{header[:4].hex() or 'an empty file'}; {_advice(header[:4], dimensions)}"
        )
    dtype = np.dtype(np.uint8 if code == UINT8 else ">i4")
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4", offset=4))
    expected_length, length = offset + math.prod(shape) * dtype.itemsize, path.stat().st_size
    if length != expected_length:
        raise IdxError(
            f"{path}: expected {expected_length} bytes for the shape {shape}, found {length}; "
            f"{DOWNLOAD_AGAIN}"
        )
    if not math.prod(shape):
        raise IdxError(f"{path}: expected images or labels, found the empty shape {shape}")
    return np.memmap(path, dtype, "r", offset, shape)


def _advice(magic: bytes, dimensions: int) -> str:
    """Advise what to do about a file that begins with `magic` and should have `dimensions`."""
    if magic[:2] == b"\x1f\x8b":
        return "unpack it with gunzip"
    if len(magic) < 4 or magic[:2] != b"\0\0":  # noqa: PLR2004
        return DOWNLOAD_AGAIN
    if magic[2] == UINT8 and magic[3] in CHANNELS and dimensions in CHANNELS:
        return f"write {CHANNELS[magic[3]]} under data in params.yaml"
    return "write the values as described in docs/own-data.md under Other formats"
