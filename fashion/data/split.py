"""The division of images into training, validation and test: stratified, random by seed."""

import hashlib
import unicodedata
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
    setting: str = "validation_images",
) -> tuple[np.ndarray, np.ndarray]:
    """The rows (int64, ascending) for training and those for validation, `validation` of them.

    `labels` is uint8 [count]. Each class gives in proportion to its size, by the largest-remainder
    method, and at least one. Which ones follows from `seed` and, if there are any, the `names` of
    the rows: then the others stay where they are when rows come and go. Raises `SplitError`, which
    names the `setting`, if a class would be left without training or validation images.
    """
    counts = np.bincount(labels)
    quotas = _proportional(counts, validation)
    if (quotas < 1).any() or (quotas >= counts).any():
        raise SplitError(
            f"{setting} = {validation} leaves a class without images of one part: expected some of "
            f"each of the {len(counts)} classes in either, of {len(labels)} images, of which the "
            f"smallest class has {counts.min()}; change it in params.yaml, or add images"
        )
    rng, ranks = np.random.default_rng(seed), _ranks(seed, names)
    chosen: list[int] = []
    for label, quota in enumerate(quotas):
        rows = np.flatnonzero(labels == label)
        drawn = rows[np.argsort(ranks[rows])] if names else rng.permutation(rows)
        chosen += drawn[:quota].tolist()
    is_validation = np.isin(np.arange(len(labels)), chosen)
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


def _ranks(seed: int, names: Iterable[str]) -> np.ndarray:
    """A number for each name, by which it is drawn; the same for both forms of a letter."""
    texts = (f"{seed} {unicodedata.normalize('NFC', name)}" for name in names)
    digests = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in texts)
    return np.fromiter((int.from_bytes(digest[:8], "little") for digest in digests), np.uint64)


def split_off_tests(
    labels: np.ndarray, fraction: float, seed: int, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows (int64, ascending) that are no tests and those for tests, the `fraction` of all.

    Stratified as above; at least one of each class.
    """
    count = max(round(fraction * len(labels)), len(np.unique(labels)))
    return stratified_split(labels, count, seed, names, f"test_fraction = {fraction}: test images")


def _proportional(counts: np.ndarray, total: int) -> np.ndarray:
    quotas, remainders = np.divmod(counts * total, counts.sum())
    largest = np.argsort(-remainders, kind="stable")[: total - quotas.sum()]
    quotas[largest] += 1
    if total >= len(counts):  # a small class gets one that a large one would have got
        quotas = np.maximum(quotas, 1)
        while quotas.sum() > total:
            quotas[quotas.argmax()] -= 1
    return quotas
