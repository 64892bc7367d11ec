"""Stratified random splits that depend on a seed only."""

import hashlib
import math
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from fashion.errors import FashionError
from fashion.names import with_plural


class SplitError(FashionError):
    """The data have too few images for the requested split."""


def stratified_split(
    labels: np.ndarray, validation: int, seed: int, names: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices (int64, ascending) of the training and of the validation images.

    `labels` is uint8 [count]. `validation` is the number of validation images. Classes contribute
    in proportion to their size (largest-remainder method), but at least one image each. With
    `names`, one per image, the choice depends on the names and the seed, so most images keep their
    split when others are added or removed. Raises `SplitError` if a class would be left without
    training or validation images.
    """
    counts = np.bincount(labels)
    if not _leaves_enough(counts, validation, 1):
        raise SplitError(
            f"validation_images = {validation} leaves a class without training or validation "
            f"images: expected {len(counts)} to {_max_total(counts, 1)} for {len(counts)} classes "
            f"and {len(labels)} images; change it in params.yaml, or add images"
        )
    return _draw(labels, _proportional(counts, validation), seed, names)


def split_off_test(
    labels: np.ndarray, fraction: float, seed: int, names: Sequence[str], *, min_remaining: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices (int64, ascending) of the remaining images and of the test images.

    A `fraction` of all images become test images, chosen as in `stratified_split`. At least
    `min_remaining` images of each class remain. Raises `SplitError` if that is impossible.
    """
    counts = np.bincount(labels)
    total = max(round(fraction * len(labels)), len(counts))
    if not _leaves_enough(counts, total, min_remaining):
        largest = math.floor(_max_total(counts, min_remaining) / len(labels) * 1000) / 1000
        raise SplitError(
            f"test_fraction = {fraction} makes {total} of {len(labels)} images test images, which "
            f"leaves a class with fewer than {with_plural(min_remaining, 'other')}: expected at "
            f"most {largest}; change it in params.yaml, or add images"
        )
    return _draw(labels, _proportional(counts, total), seed, names)


def _leaves_enough(counts: np.ndarray, total: int, min_remaining: int) -> bool:
    """Whether drawing `total` images leaves at least `min_remaining` of each class."""
    quotas = _proportional(counts, total)
    return bool((quotas >= 1).all() and (counts - quotas >= min_remaining).all())


def _max_total(counts: np.ndarray, min_remaining: int) -> int:
    """The largest number to draw that leaves at least `min_remaining` images of each class."""
    totals = range(len(counts), int(counts.sum()))
    return totals[
        bisect_left(
            totals, True, key=lambda total: not _leaves_enough(counts, total, min_remaining)
        )
        - 1
    ]


def _draw(
    labels: np.ndarray, quotas: np.ndarray, seed: int, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The remaining and the drawn indices; `quotas` has the number to draw from each class."""
    rng, ranks = np.random.default_rng(seed), name_ranks(seed, names)
    chosen: list[int] = []
    for label, quota in enumerate(quotas):
        indices = np.flatnonzero(labels == label)
        drawn = indices[np.argsort(ranks[indices])] if names else rng.permutation(indices)
        chosen += drawn[:quota].tolist()
    is_drawn = np.isin(np.arange(len(labels)), chosen)
    return np.flatnonzero(~is_drawn), np.flatnonzero(is_drawn)


def name_ranks(seed: int, names: Iterable[str]) -> np.ndarray:
    """A pseudo-random uint64 for each name, equal for both Unicode forms of a name."""
    texts = (f"{seed} {unicodedata.normalize('NFC', name)}" for name in names)
    digests = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in texts)
    return np.fromiter((int.from_bytes(digest[:8], "little") for digest in digests), np.uint64)


def _proportional(counts: np.ndarray, total: int) -> np.ndarray:
    """The number of images to draw from each class, `total` together: int64 [classes]."""
    quotas, remainders = np.divmod(counts * total, counts.sum())
    largest = np.argsort(-remainders, kind="stable")[: total - quotas.sum()]
    quotas[largest] += 1
    if total >= len(counts):  # at least one per class, taken from the largest class
        quotas = np.maximum(quotas, 1)
        while quotas.sum() > total:
            quotas[quotas.argmax()] -= 1
    return quotas
