"""Checks of a dataset: labels, images per class, image shape and pixel range."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fashion.errors import FashionError
from fashion.names import with_plural

PIXEL_MAX = 255
MEGABYTE = 1e6


class DatasetError(FashionError):
    """Data that can be read but cannot be used with the present parameters."""


def check_label_range(labels: Sequence[np.ndarray], classes: Sequence[str]) -> None:
    """Raise `DatasetError` unless the labels of all splits together are 0 to `len(classes) - 1`.

    `labels` has one uint8 array [count] per split.
    """
    found, count = np.unique(np.concatenate(labels)), len(classes)
    if not np.array_equal(found, np.arange(count)):
        raise DatasetError(
            f"data.classes in params.yaml has {count} names: expected all labels from 0 to "
            f"{count - 1} or from 1 to {count}, found {len(found)} labels from {found[0]} to "
            f"{found[-1]}; list {len(found)} names in the order of labels, and number the labels "
            "from 0 without gaps (docs/own-data.md, Labels)"
        )


def check_class_sizes(
    split: str,
    labels: np.ndarray,
    classes: Sequence[str],
    *,
    min_images: int = 1,
) -> None:
    """Raise `DatasetError` if a class has fewer than `min_images`; `labels` is uint8 [count]."""
    counts = np.bincount(labels, minlength=len(classes))
    small = [
        f"{counts[label]} of {classes[label]!r}"
        for label in np.flatnonzero(counts < min_images).tolist()
    ]
    if small:
        raise DatasetError(
            f"{split}: expected at least {with_plural(min_images, 'image')} of each class, found "
            f"{', '.join(small)}; add images, or remove the class"
        )


def describe_imbalance(labels: np.ndarray, classes: Sequence[str], max_imbalance: float) -> str:
    """What to do about class sizes that differ by more than `max_imbalance`; empty if none do.

    `labels` is uint8 [count], with every class.
    """
    counts = np.bincount(labels, minlength=len(classes))
    smallest, largest = int(counts.argmin()), int(counts.argmax())
    ratio = counts[largest] / counts[smallest]
    if ratio <= max_imbalance:
        return ""
    return (
        f"{counts[largest]} images of {classes[largest]!r}, {counts[smallest]} of "
        f"{classes[smallest]!r}: a ratio of {ratio:.2f}, above preprocess.max_imbalance "
        f"({max_imbalance}); consider fit.class_weights: balanced in params.yaml"
    )


def check_images(
    split: str, images: np.ndarray, image_shape: tuple[int, ...], label_count: int
) -> None:
    """Raise `DatasetError` unless `images` is uint8 [label_count, *image_shape].

    The pixels must span more than half of the range 0 to 255.
    """
    if images.shape[1:] != image_shape:
        height, width, *channels = images.shape[1:]
        advice = f"write `image_height: {height}` and `image_width: {width}` under data"
        if channels != list(image_shape[2:]):
            advice = "write them with 3 channels, or as greyscale without a last axis"
        raise DatasetError(
            f"{split}: expected images of shape {image_shape}, as in data.image_height, "
            f"data.image_width and data.channels of params.yaml, found {images.shape[1:]}; {advice}"
        )
    if len(images) != label_count:
        raise DatasetError(
            f"{split}: expected as many images as labels, found {len(images)} images and "
            f"{label_count} labels; use two files of the same dataset"
        )
    low, high = int(images.min()), int(images.max())
    if high - low <= PIXEL_MAX // 2:
        raise DatasetError(
            f"{split}: expected pixels from 0 to {PIXEL_MAX}, found {low} to {high}; scale them"
        )


def check_disk_space(folder: str | Path, image_count: int, image_shape: tuple[int, ...]) -> None:
    """Print how much disk the images will take in `folder`, and make the folder.

    Raises `DatasetError` if less than twice that is free: while image files are decoded, a
    temporary file holds them as well, and later DVC's cache does.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    megabytes = image_count * math.prod(image_shape) / MEGABYTE
    free = shutil.disk_usage(folder).free / MEGABYTE
    images = f"{with_plural(image_count, 'image')} of {'x'.join(map(str, image_shape))} bytes"
    if free < 2 * megabytes:
        raise DatasetError(
            f"{folder}: expected {2 * megabytes:,.1f} MB of free disk, twice the size of {images}, "
            f"found {free:,.1f} MB; free some, or reduce data.image_height and data.image_width in "
            "params.yaml"
        )
    print(f"{folder} takes {megabytes:,.1f} MB: {images}")
