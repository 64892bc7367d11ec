"""Does the data look as it should? Shapes, labels, class balance, value range."""

from collections.abc import Sequence

import numpy as np

from fashion.errors import FashionError

PIXEL_MAX = 255


class DatasetError(FashionError):
    """Data that is well-formed but not what this data set should be."""


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
    if len(labels) and labels.max() >= len(classes):
        raise DatasetError(
            f"{name}: expected labels 0 to {len(classes) - 1} for the {len(classes)} names in "
            f"data.classes of params.yaml, received {labels.max()}"
        )
    counts = np.bincount(labels, minlength=len(classes))
    smallest, largest = int(counts.argmin()), int(counts.argmax())
    if counts[smallest] < at_least:
        raise DatasetError(
            f"{name}: expected at least {at_least} of each class, received {counts[smallest]} of "
            f"the class {classes[smallest]!r}; add some, or remove the class"
        )
    if counts[largest] > max_imbalance * counts[smallest]:
        raise DatasetError(
            f"{name}: the largest class, {classes[largest]!r}, has {counts[largest]} images, the "
            f"smallest, {classes[smallest]!r}, {counts[smallest]}: more than "
            f"preprocess.max_imbalance = {max_imbalance} of params.yaml allows; raise it, or add "
            "images to the smallest"
        )


def check_images(name: str, images: np.ndarray, image_shape: tuple[int, ...], count: int) -> None:
    """Raise `DatasetError` unless `images` of the part `name` are uint8 [count, *image_shape].

    Their pixels must use more than half of the range 0 to 255.
    """
    if images.shape[1:] != image_shape:
        raise DatasetError(
            f"{name}: expected images of {image_shape} as data.image_height, data.image_width and "
            f"data.channels of params.yaml say, received {images.shape[1:]}"
        )
    if len(images) != count:
        raise DatasetError(f"{name}: {len(images)} images with {count} labels")
    low, high = int(images.min()), int(images.max())
    if high - low <= PIXEL_MAX // 2:
        raise DatasetError(
            f"{name}: expected pixels that use the range 0 to {PIXEL_MAX}, received {low} to "
            f"{high}; scale them to it"
        )
