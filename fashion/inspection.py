"""Does the data look as it should? Shapes, labels, class balance, value range.

Everything works on chunks of rows, so memory does not grow with the data.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.errors import FashionError


class DatasetError(FashionError):
    """Data that is well-formed but not what this data set should be."""


class Summary(NamedTuple):
    """One pass over a data set: images per class (int [classes]), darkest and brightest pixel."""

    class_counts: np.ndarray
    low: int
    high: int


def summarize(name: str, chunks: Iterable[tuple[np.ndarray, np.ndarray]]) -> Summary:
    """Count classes and find the value range of the (images, labels) chunks of `name`.

    Raises `DatasetError` if a label is not the index of a class.
    """
    counts = np.zeros(len(CLASS_NAMES), np.int64)
    low, high = 255, 0
    for images, labels in chunks:
        if labels.max() >= len(CLASS_NAMES):
            raise DatasetError(
                f"{name}: expected labels 0 to {len(CLASS_NAMES) - 1}, found {labels.max()}; "
                "CLASS_NAMES in fashion/dataset.py lists the classes"
            )
        counts += np.bincount(labels, minlength=len(CLASS_NAMES))
        low, high = min(low, int(images.min())), max(high, int(images.max()))
    return Summary(counts, low, high)


def check_shape(name: str, images: tuple[int, ...], labels: tuple[int, ...]) -> None:
    """Raise `DatasetError` unless `images` is [count, *IMAGE_SHAPE] and `labels` is [count]."""
    if images[1:] != IMAGE_SHAPE:
        raise DatasetError(
            f"{name}: expected images of {IMAGE_SHAPE}, found {images[1:]}; "
            "IMAGE_SHAPE in fashion/dataset.py holds the size"
        )
    if images[0] != labels[0] or images[0] == 0:
        raise DatasetError(f"{name}: {images[0]} images with {labels[0]} labels")


def check_summary(name: str, summary: Summary, max_imbalance: float) -> None:
    """Raise `DatasetError` unless every class is there, in balance, and pixels span 0 to 255."""
    counts = summary.class_counts
    if counts.min() == 0:
        missing = CLASS_NAMES[int(counts.argmin())]
        raise DatasetError(f"{name}: no image of the class {missing!r}")
    if counts.max() > max_imbalance * counts.min():
        raise DatasetError(
            f"{name}: the largest class has {counts.max()} images, the smallest {counts.min()}: "
            f"more than preprocess.max_imbalance = {max_imbalance} allows"
        )
    if (summary.low, summary.high) != (0, 255):
        raise DatasetError(
            f"{name}: expected pixels from 0 to 255, found {summary.low} to {summary.high}"
        )
