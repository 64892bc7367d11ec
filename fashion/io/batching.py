"""Split images into batches whose memory does not grow with the image size or count.

Sizes are powers of two. For other sizes, the block sizes of oneDNN, and with them the last bits of
small matrix products, depend on the caches of the processor.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

MAX_SIZE = 512
MAX_PIXELS = MAX_SIZE * 28 * 28  # per batch; activations need memory in proportion to pixels


def batch_size(shape: tuple[int, ...], max_size: int = MAX_SIZE) -> int:
    """The batch size for inputs of `shape`, (height, width, ...) or (features,).

    It is a power of two from 1 to `max_size`.

    >>> batch_size((28, 28), 1000), batch_size((224, 224, 3), 1000)
    (512, 8)
    """
    return _power_of_two(max(1, min(max_size, MAX_PIXELS // math.prod(shape[:2]))))


def in_batches(
    images: np.ndarray, max_size: int = MAX_SIZE, indices: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Yield `images`, or only those at `indices` (int [count]), in batches of at most `max_size`.

    `images` is [count, height, width, ...] or [count, features], memory-mapped or not. Batches are
    in order, contiguous, and of `batch_size`; the last ones are smaller powers of two.
    """
    count = len(images if indices is None else indices)
    size, start = batch_size(images.shape[1:], max_size), 0
    while start < count:
        end = start + min(size, _power_of_two(count - start))
        batch = slice(start, end)
        yield np.ascontiguousarray(images[batch if indices is None else indices[batch]])
        start = end


def predict(model: Any, images: np.ndarray, indices: np.ndarray | None = None) -> np.ndarray:
    """The outputs of a Keras model for `images`, or only those at `indices` (int [count]).

    Unlike `model.predict`, it computes in batches of `in_batches`.
    """
    batches = in_batches(images, indices=indices)
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])


def _power_of_two(limit: int) -> int:
    """The largest power of two up to `limit`."""
    return 1 << (limit.bit_length() - 1)
