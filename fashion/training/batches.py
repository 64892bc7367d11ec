"""An epoch of training images: which ones, in which order, augmented, some batches at a time.

Everything is drawn from (seed, epoch) and from the difficulty of each image, so equal ones give
equal bytes. Images may be memory-mapped: only `steps_per_execution` batches are read at a time.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from fashion.config.model import Augment, Fit
from fashion.training.augmentation import augment
from fashion.training.selection import select, selected_count


class Split(NamedTuple):
    """Images uint8 [count, height, width, ...] and their labels uint8 [count]."""

    images: np.ndarray
    labels: np.ndarray


class Chunk(NamedTuple):
    """Some batches: their rows in the training set (int64 [count]), augmented images, labels."""

    rows: np.ndarray
    images: np.ndarray
    labels: np.ndarray


def chunks(
    train: Split,
    difficulty: np.ndarray,
    config: Fit,
    augmentation: Augment,
    *,
    seed: int,
    epoch: int,
) -> Iterator[Chunk]:
    """The epoch's batches in order, `steps_per_execution` of them (the last time fewer) at once.

    `difficulty` (float [count]) is read before the first of them is drawn, and not after. A last
    incomplete batch is left out; every image is used at most once.
    """
    rng = np.random.default_rng([seed, epoch])
    size = config.batch_size
    count = selected_count(len(difficulty), config.selection, epoch, config.epochs)
    order = select(difficulty, count, config.selection, rng)[: count // size * size]
    stride = size * config.steps_per_execution
    for start in range(0, len(order), stride):
        rows = order[start : start + stride]
        images = augment(train.images[rows], rows, epoch, augmentation, rng)
        yield Chunk(rows, images, train.labels[rows])


def prefetch(items: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same items, each made in a thread while the one before it is used."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        upcoming = thread.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, items, None)
            yield item
