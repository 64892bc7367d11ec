"""The IDX file format of MNIST and its successors, memory-mapped.

A file is a big-endian header (two zero bytes, a type code, the number of dimensions, each
dimension as uint32) and then the values. Only unsigned bytes are read here.
Source: yann.lecun.com/exdb/mnist, "The IDX file format".
"""

import math
from pathlib import Path

import numpy as np

from fashion.errors import FashionError

UNSIGNED_BYTE = 0x08


class IdxError(FashionError):
    """A file that is not the IDX file it should be."""


def read_idx(path: str | Path, dimensions: int) -> np.ndarray:
    """The uint8 array of `dimensions` axes in the IDX file `path`, read-only.

    Raises `IdxError` if the header is another one or the length is not what the header says, and
    `FileNotFoundError` if there is no such file.
    """
    offset = 4 + 4 * dimensions
    with Path(path).open("rb") as stream:
        header = stream.read(offset)
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    if len(header) < offset or header[:4] != expected:
        raise IdxError(
            f"{path}: expected an IDX header of unsigned bytes with {dimensions} dimension(s) "
            f"({expected.hex()}), received {header[:4].hex() or 'an empty file'}"
        )
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4", offset=4))
    expected_length, length = offset + math.prod(shape), Path(path).stat().st_size
    if length != expected_length:
        raise IdxError(f"{path}: expected {expected_length} bytes for {shape}, received {length}")
    if not math.prod(shape):
        raise IdxError(f"{path}: expected items, received none: {shape}")
    return np.memmap(path, np.uint8, "r", offset, shape)
