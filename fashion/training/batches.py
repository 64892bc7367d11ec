"""The batches of an epoch: selected, shuffled and augmented training images.

Selection, order and augmentation are drawn from (seed, epoch) and from the difficulty of each
image, so equal inputs give equal bytes. Images may be memory-mapped: only `steps_per_execution`
batches are read at a time.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from fashion.config.model import Augment, Fit
from fashion.io.labeled_images import LabeledImages
from fashion.training.augmentation import augment
from fashion.training.selection import select, selected_count


class Chunk(NamedTuple):
    """Some batches: indices in the training set (int64 [count]), augmented images, and labels."""

    indices: np.ndarray
    images: np.ndarray
    labels: np.ndarray


def chunks(
    train: LabeledImages,
    difficulty: np.ndarray,
    config: Fit,
    augmentation: Augment,
    *,
    seed: int,
    epoch: int,
) -> Iterator[Chunk]:
    """Yield the batches of `epoch` in order, `steps_per_execution` of them at once.

    The last chunk may have fewer batches. An incomplete last batch is left out; no image is used
    twice. `difficulty` (float [count]) is read once, before the first chunk.
    """
    rng = np.random.default_rng([seed, epoch])
    size = config.batch_size
    count = selected_count(len(difficulty), config.selection, epoch, config.epochs)
    order = select(difficulty, count, config.selection, rng)[: count // size * size]
    stride = size * config.steps_per_execution
    for start in range(0, len(order), stride):
        indices = order[start : start + stride]
        images = augment(train.images[indices], indices, epoch, augmentation, rng)
        yield Chunk(indices, images, train.labels[indices])


def prefetch(items: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield the same items; a thread makes the next one while the current one is in use."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        upcoming = thread.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, items, None)
            yield item
