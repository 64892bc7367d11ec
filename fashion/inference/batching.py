"""Images a batch at a time, so that memory depends neither on their size nor on their number."""

from collections.abc import Iterator

import numpy as np

PIXELS = 500 * 28 * 28  # of a batch: what lies between the layers of a network grows with them


def batch_size(shape: tuple[int, ...], most: int) -> int:
    """At most `most` images of `shape` (height, width, ...): fewer of large ones, but one.

    500 of 28 x 28 pixels, 7 of 224 x 224.
    """
    return max(1, min(most, PIXELS // (shape[0] * shape[1])))


def in_batches(
    images: np.ndarray, most: int, rows: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """The `rows` (int [count]) of `images`, or all, in order and in batches.

    `images` is uint8 [count, height, width, ...], memory-mapped or not; each batch is [at most
    `batch_size`, height, width, ...] and contiguous.
    """
    size = batch_size(images.shape[1:], most)
    for start in range(0, len(images if rows is None else rows), size):
        part = slice(start, start + size)
        yield np.ascontiguousarray(images[part if rows is None else rows[part]])
