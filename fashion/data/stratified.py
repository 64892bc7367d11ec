"""The division of images into training, validation and test: stratified, random by seed."""

import hashlib
import math
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from fashion.errors import FashionError


class SplitError(FashionError):
    """A validation split that the data cannot give."""


def stratified_split(
    labels: np.ndarray,
    validation: int,
    seed: int,
    names: Sequence[str] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """The rows (int64, ascending) for training and those for validation, `validation` of them.

    `labels` is uint8 [count]. Each class gives in proportion to its size, by the largest-remainder
    method, and at least one. Which ones follows from `seed` and, if there are any, the `names` of
    the rows: then the others stay where they are when rows come and go. Raises `SplitError` if a
    class would be left without training or validation images.
    """
    counts = np.bincount(labels)
    if not _leaves(counts, validation, 1):
        raise SplitError(
            f"validation_images = {validation} leaves a class without images of one part: expected "
            f"{len(counts)} to {_largest(counts, 1)}, for some of each of the {len(counts)} "
            f"classes in either, of {len(labels)} images; change it in params.yaml, or add images"
        )
    return _draw(labels, _proportional(counts, validation), seed, names)


def split_off_tests(
    labels: np.ndarray, fraction: float, seed: int, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows (int64, ascending) that are no tests and those for tests, the `fraction` of all.

    Stratified as above; at least one of each class is a test, and two are none, one to train and
    one to validate with. Raises `SplitError` if that cannot be.
    """
    counts = np.bincount(labels)
    tests = max(round(fraction * len(labels)), len(counts))
    if not _leaves(counts, tests, 2):
        largest = math.floor(_largest(counts, 2) / len(labels) * 1000) / 1000
        raise SplitError(
            f"test_fraction = {fraction} makes {tests} of {len(labels)} images test images, which "
            f"leaves a class with fewer than 2 others: expected at most {largest}; change it in "
            "params.yaml, or add images"
        )
    return _draw(labels, _proportional(counts, tests), seed, names)


def _leaves(counts: np.ndarray, total: int, rest: int) -> bool:
    """Whether each class gives some of the `total` and keeps `rest`."""
    quotas = _proportional(counts, total)
    return bool((quotas >= 1).all() and (counts - quotas >= rest).all())


def _largest(counts: np.ndarray, rest: int) -> int:
    """A total that leaves the `rest`, where one more does not."""
    totals = range(len(counts), int(counts.sum()))
    place = bisect_left(totals, True, key=lambda total: not _leaves(counts, total, rest))
    return totals[place - 1]


def _draw(
    labels: np.ndarray, quotas: np.ndarray, seed: int, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows left, and those drawn: as many of each class as its quota."""
    rng, ranks = np.random.default_rng(seed), _ranks(seed, names)
    chosen: list[int] = []
    for label, quota in enumerate(quotas):
        rows = np.flatnonzero(labels == label)
        drawn = rows[np.argsort(ranks[rows])] if names else rng.permutation(rows)
        chosen += drawn[:quota].tolist()
    is_drawn = np.isin(np.arange(len(labels)), chosen)
    return np.flatnonzero(~is_drawn), np.flatnonzero(is_drawn)


def _ranks(seed: int, names: Iterable[str]) -> np.ndarray:
    """A number for each name, by which it is drawn; the same for both forms of a letter."""
    texts = (f"{seed} {unicodedata.normalize('NFC', name)}" for name in names)
    digests = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in texts)
    return np.fromiter((int.from_bytes(digest[:8], "little") for digest in digests), np.uint64)


def _proportional(counts: np.ndarray, total: int) -> np.ndarray:
    quotas, remainders = np.divmod(counts * total, counts.sum())
    largest = np.argsort(-remainders, kind="stable")[: total - quotas.sum()]
    quotas[largest] += 1
    if total >= len(counts):  # a small class gets one that a large one would have got
        quotas = np.maximum(quotas, 1)
        while quotas.sum() > total:
            quotas[quotas.argmax()] -= 1
    return quotas
