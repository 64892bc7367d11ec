"""The division of the training images into training and validation.

Stratified, random by seed, and the same on every machine: it rests on integer arithmetic alone.
Everything works on chunks of rows, so memory does not grow with the data.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from fashion.errors import FashionError


class SplitError(FashionError):
    """A validation split that the data cannot give."""


class StratifiedSplit(NamedTuple):
    """A rule that sends row i to validation if its random key is among its class's smallest.

    `cutoffs` (uint64 [classes]) is the largest key of each class that still goes there.
    """

    seed: int
    cutoffs: np.ndarray

    def is_validation(self, labels: np.ndarray, start: int) -> np.ndarray:
        """Bool [count] for the `labels` of the rows from `start` on."""
        return _keys(start, len(labels), self.seed) <= self.cutoffs[labels]


def stratify(
    label_chunks: Iterable[np.ndarray], class_counts: np.ndarray, validation: int, seed: int
) -> StratifiedSplit:
    """Choose `validation` rows at random, from each class in proportion to its size.

    One pass that keeps `validation` keys. The keys come from integer arithmetic alone, so the
    same rows are chosen on every machine; a larger split holds every smaller one of its seed.

    Raises `SplitError` if a class would be left without training or validation images.
    """
    quotas = proportional_quotas(class_counts, validation)
    if (quotas < 1).any() or (quotas >= class_counts).any():
        raise SplitError(
            f"validation_images = {validation} leaves a class without training or "
            f"validation images: the classes have {class_counts.tolist()}"
        )
    smallest = [np.empty(0, np.uint64) for _ in quotas]
    start = 0
    for labels in label_chunks:
        keys = _keys(start, len(labels), seed)
        for label, quota in enumerate(quotas):
            candidates = np.concatenate([smallest[label], keys[labels == label]])
            candidates.sort()
            smallest[label] = candidates[:quota]
        start += len(labels)
    return StratifiedSplit(seed, np.array([keys[-1] for keys in smallest]))


def proportional_quotas(class_counts: np.ndarray, total: int) -> np.ndarray:
    """Share `total` out in proportion to `class_counts` by the largest-remainder method."""
    exact = class_counts * total
    quotas, remainders = np.divmod(exact, class_counts.sum())
    largest = np.argsort(-remainders, kind="stable")[: total - quotas.sum()]
    quotas[largest] += 1
    return quotas


def _keys(start: int, count: int, seed: int) -> np.ndarray:
    """A distinct uint64 for each row: SplitMix64 (Steele, Lea and Flood, 2014) at `seed` + row.

    The seed goes through the same mix first, so that the streams of nearby seeds do not overlap.
    """
    rows = np.arange(start, start + count, dtype=np.uint64)
    origin = _mix(np.array([seed & 0xFFFFFFFFFFFFFFFF], np.uint64))
    return _mix(origin + rows)


def _mix(values: np.ndarray) -> np.ndarray:
    values = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def divide(
    chunks: Iterable[tuple[np.ndarray, np.ndarray]], split: StratifiedSplit
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Add to each (images, labels) chunk the bool [count] that says which rows are validation."""
    start = 0
    for images, labels in chunks:
        yield images, labels, split.is_validation(labels, start)
        start += len(labels)
