"""Split images into batches whose memory does not grow with the image size or count."""

from collections.abc import Iterator

import numpy as np

MAX_PIXELS = 500 * 28 * 28  # per batch; activations need memory in proportion to pixels


def batch_size(shape: tuple[int, ...], max_size: int) -> int:
    """The batch size for images of `shape` (height, width, ...), from 1 to `max_size`.

    >>> batch_size((28, 28), 1000), batch_size((224, 224, 3), 1000)
    (500, 7)
    """
    return max(1, min(max_size, MAX_PIXELS // (shape[0] * shape[1])))


def in_batches(
    images: np.ndarray, max_size: int, indices: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Yield `images`, or only those at `indices` (int [count]), in batches of at most `max_size`.

    `images` is [count, height, width, ...], memory-mapped or not. Batches are in order, contiguous,
    and of `batch_size`, except for the last.
    """
    size = batch_size(images.shape[1:], max_size)
    for start in range(0, len(images if indices is None else indices), size):
        batch = slice(start, start + size)
        yield np.ascontiguousarray(images[batch if indices is None else indices[batch]])
