"""The division of the training images into training and validation: stratified, random by seed."""

import numpy as np

from fashion.errors import FashionError


class SplitError(FashionError):
    """A validation split that the data cannot give."""


def stratified_split(
    labels: np.ndarray, validation: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The rows (int64, ascending) for training and those for validation, `validation` of them.

    `labels` is uint8 [count]. Each class gives in proportion to its size, by the largest-remainder
    method. Raises `SplitError` if a class would be left without training or validation images.
    """
    counts = np.bincount(labels)
    quotas = _proportional(counts, validation)
    if (quotas < 1).any() or (quotas >= counts).any():
        raise SplitError(
            f"validation_images = {validation} leaves a class without training or validation "
            f"images: the classes have {counts.tolist()}"
        )
    rng = np.random.default_rng(seed)
    chosen = np.concatenate(
        [
            rng.permutation(np.flatnonzero(labels == label))[:quota]
            for label, quota in enumerate(quotas)
        ]
    )
    is_validation = np.isin(np.arange(len(labels)), chosen)
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


def _proportional(counts: np.ndarray, total: int) -> np.ndarray:
    quotas, remainders = np.divmod(counts * total, counts.sum())
    largest = np.argsort(-remainders, kind="stable")[: total - quotas.sum()]
    quotas[largest] += 1
    return quotas
