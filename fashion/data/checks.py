"""Does the data look as it should? Shapes, labels, class balance, value range."""

import math
from collections.abc import Sequence

import numpy as np

from fashion.errors import FashionError

PIXEL_MAX = 255
RENUMBER = "number the labels from 0 without gaps, as docs/own-data.md says under Labels"


class DatasetError(FashionError):
    """Data that is well-formed but not what this data set should be."""


def check_range(labels: Sequence[np.ndarray], classes: Sequence[str]) -> None:
    """Raise `DatasetError` unless the `labels` of IDX files (uint8 [count]) are those of `classes`.

    They count from 0, and each class has images in every part.
    """
    found = np.unique(np.concatenate(labels)).tolist()
    lowest, highest, count = found[0], found[-1], len(classes)
    is_counted = lowest <= 1 and len(found) == highest - lowest + 1
    if highest >= count:  # from 1 to `count`, as in EMNIST, is no more here
        advice = "" if is_counted else f"{RENUMBER}, and "
        raise DatasetError(
            f"expected labels from 0 to {count - 1}, or from 1 to {count}, for the {count} names "
            f"in data.classes of params.yaml, found {lowest} to {highest}; {advice}list "
            f"{len(found)} names in the order of labels"
        )
    if missing := sorted({*range(count)} - {*found}):
        names = ", ".join(f"{label} ({classes[label]!r})" for label in missing)
        raise DatasetError(
            "expected images of each name in data.classes of params.yaml, found none with the "
            f"labels {names}; remove the names from the list"
            + ("" if is_counted else f", and {RENUMBER}")
        )


def check_labels(
    name: str,
    labels: np.ndarray,
    classes: Sequence[str],
    *,
    max_imbalance: float,
    at_least: int = 1,
) -> None:
    """Raise `DatasetError` unless each of `classes` occurs `at_least` times in the part `name`.

    `labels` is uint8 [count]; the largest class may be at most `max_imbalance` times the smallest.
    """
    counts = np.bincount(labels, minlength=len(classes))
    few = [
        f"{counts[label]} of {classes[label]!r}"
        for label in np.flatnonzero(counts < at_least).tolist()
    ]
    if few:
        raise DatasetError(
            f"{name}: expected at least {at_least} images of each class, found {', '.join(few)}; "
            "add some, or remove the class"
        )
    smallest, largest = int(counts.argmin()), int(counts.argmax())
    ratio = counts[largest] / counts[smallest]
    if ratio > max_imbalance:
        raise DatasetError(
            f"{name}: the largest class, {classes[largest]!r}, has {counts[largest]} images, the "
            f"smallest, {classes[smallest]!r}, {counts[smallest]}: more than "
            f"preprocess.max_imbalance = {max_imbalance} of params.yaml allows; raise it to "
            f"{math.ceil(ratio * 100) / 100}, or add images to the smallest"
        )


def check_images(name: str, images: np.ndarray, image_shape: tuple[int, ...], count: int) -> None:
    """Raise `DatasetError` unless `images` of the part `name` are uint8 [count, *image_shape].

    Their pixels must use more than half of the range 0 to 255.
    """
    if images.shape[1:] != image_shape:
        height, width, *channels = images.shape[1:]
        advice = f"write `image_height: {height}` and `image_width: {width}` there"
        if channels != list(image_shape[2:]):
            advice = "write them in 3 channels, or greyscale without a last axis"
        raise DatasetError(
            f"{name}: expected images of {image_shape} as data.image_height, data.image_width and "
            f"data.channels of params.yaml say, received {images.shape[1:]}; {advice}"
        )
    if len(images) != count:
        raise DatasetError(
            f"{name}: expected as many images as labels, found {len(images)} and {count}; take "
            "both files from the same data set"
        )
    low, high = int(images.min()), int(images.max())
    if high - low <= PIXEL_MAX // 2:
        raise DatasetError(
            f"{name}: expected pixels that use the range 0 to {PIXEL_MAX}, received {low} to "
            f"{high}; scale them to it"
        )
