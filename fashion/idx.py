"""The IDX file format of MNIST and its successors, read in chunks of rows.

A file is a big-endian header (two zero bytes, a type code, the number of dimensions, each
dimension as uint32) and then the values. Only unsigned bytes are read here. Whatever the length
of the file, memory holds one chunk. Source: yann.lecun.com/exdb/mnist, "The IDX file format".
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.errors import FashionError

UNSIGNED_BYTE = 0x08


class IdxError(FashionError):
    """A file that is not the IDX file it should be."""


class IdxFile(NamedTuple):
    """A checked IDX file of uint8 values: `shape` rows first, values from byte `offset` on."""

    path: Path
    shape: tuple[int, ...]
    offset: int

    def chunks(self, rows: int) -> Iterator[np.ndarray]:
        """The values in order as uint8 [at most `rows`, *shape[1:]]."""
        row_shape = self.shape[1:]
        row_bytes = int(np.prod(row_shape, dtype=np.int64))
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            for start in range(0, self.shape[0], rows):
                count = min(rows, self.shape[0] - start)
                values = np.fromfile(stream, np.uint8, count * row_bytes)
                yield values.reshape(count, *row_shape)


def open_idx(path: str | Path, dimensions: int) -> IdxFile:
    """Check the header and the length of the IDX file at `path`, which has `dimensions` axes.

    Raises `IdxError` if the header is another one or the length is not what the header says.
    """
    path = Path(path)
    offset = 4 + 4 * dimensions
    try:
        with path.open("rb") as stream:
            header = stream.read(offset)
            length = os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise IdxError(f"{path}: cannot be read: {error.strerror}") from error
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    if len(header) < offset or header[:4] != expected:
        raise IdxError(
            f"{path}: expected an IDX header of unsigned bytes with {dimensions} dimension(s) "
            f"({expected.hex()}), received {header[:4].hex() or 'an empty file'}"
        )
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4", offset=4))
    expected_length = offset + int(np.prod(shape, dtype=object))
    if length != expected_length:
        raise IdxError(
            f"{path}: the header {shape} asks for {expected_length} bytes, the file has {length}"
        )
    return IdxFile(path, shape, offset)
