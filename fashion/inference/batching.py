"""Images in batches, whose memory does not depend on the size and number of the images."""

from collections.abc import Iterator

import numpy as np

MAX_PIXELS = 500 * 28 * 28  # per batch; the memory for activations grows with them


def batch_size(shape: tuple[int, ...], most: int) -> int:
    """The number of images of `shape` (height, width, ...) in a batch: at least 1, at most `most`.

    >>> batch_size((28, 28), 1000), batch_size((224, 224, 3), 1000)
    (500, 7)
    """
    return max(1, min(most, MAX_PIXELS // (shape[0] * shape[1])))


def in_batches(
    images: np.ndarray, most: int, indices: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Yield all `images`, or those with `indices` (int [count]), in batches of at most `most`.

    `images` is [count, height, width, ...], memory-mapped or not. Batches are in order, contiguous,
    and of `batch_size`, except for the last.
    """
    size = batch_size(images.shape[1:], most)
    for start in range(0, len(images if indices is None else indices), size):
        batch = slice(start, start + size)
        yield np.ascontiguousarray(images[batch if indices is None else indices[batch]])
