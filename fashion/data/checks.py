"""Does the data look as it should? Shapes, labels, class balance, value range."""

from collections.abc import Sequence

import numpy as np

from fashion.errors import FashionError

PIXEL_MAX = 255


class DatasetError(FashionError):
    """Data that is well-formed but not what this data set should be."""


def check_dataset(
    name: str,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    image_shape: tuple[int, int],
    classes: Sequence[str],
    max_imbalance: float,
) -> None:
    """Raise `DatasetError` unless the part `name` is what `params.yaml` says.

    `images` is uint8 [count, *image_shape] and `labels` uint8 [count]. Each of `classes` must
    occur, the largest at most `max_imbalance` times as often as the smallest, and pixels must use
    more than half of the range 0 to 255.
    """
    if images.shape[1:] != image_shape:
        raise DatasetError(
            f"{name}: expected images of {image_shape} as data.image_height and data.image_width "
            f"of params.yaml say, received {images.shape[1:]}"
        )
    if len(images) != len(labels):
        raise DatasetError(f"{name}: {len(images)} images with {len(labels)} labels")
    if labels.max() >= len(classes):
        raise DatasetError(
            f"{name}: expected labels 0 to {len(classes) - 1} for the {len(classes)} names in "
            f"data.classes of params.yaml, received {labels.max()}"
        )
    counts = np.bincount(labels, minlength=len(classes))
    if counts.min() == 0:
        raise DatasetError(f"{name}: no image of the class {classes[int(counts.argmin())]!r}")
    if counts.max() > max_imbalance * counts.min():
        raise DatasetError(
            f"{name}: the largest class has {counts.max()} images, the smallest {counts.min()}: "
            f"more than preprocess.max_imbalance = {max_imbalance} allows"
        )
    low, high = int(images.min()), int(images.max())
    if high - low <= PIXEL_MAX // 2:
        raise DatasetError(
            f"{name}: expected pixels that use the range 0 to {PIXEL_MAX}, received {low} to {high}"
        )
