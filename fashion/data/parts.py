"""A part of the data: images in one form, whatever they were made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.data.idx import read_idx, read_labels

SIZE = ("height", "width", "channels")


class Part(NamedTuple):
    """`images` (uint8 [count, *image_shape]), memory-mapped, and `labels` (uint8 [count]).

    `files` and `sizes` (int32 [count, 3], as `SIZE` names them) say of each image where it is from,
    and what pixels it has there, in 1 channel (greyscale), 3 (colour) or 4 (and alpha).
    """

    images: np.ndarray
    labels: np.ndarray
    files: Sequence[str]
    sizes: np.ndarray


def image_shape(height: int, width: int, channels: int) -> tuple[int, ...]:
    """The shape of an image: (height, width) in greyscale, (height, width, channels) in colour."""
    return (height, width) if channels == 1 else (height, width, channels)


def read_idx_part(images: Path, labels: Path, axes: int) -> Part:
    """The part in two IDX files; `axes` are those of an image.

    Raises `IdxError` if a file is none, and `FileNotFoundError`.
    """
    pixels = read_idx(images, dimensions=1 + axes)
    files = [f"{images.name}:{place}" for place in range(len(pixels))]
    size = np.array([*pixels.shape[1:], 1][: len(SIZE)], np.int32)
    sizes = np.broadcast_to(size, (len(pixels), len(SIZE)))
    return Part(pixels, read_labels(labels), files, sizes)


def count_from_zero(parts: Sequence[Part], classes: int) -> list[Part]:
    """`parts` with labels from 0, where those of all of them together are 1 to `classes`.

    EMNIST counts the letters from 1. Labels that reach the number of classes mean nothing else.
    """
    lowest = min(int(part.labels.min()) for part in parts)
    highest = max(int(part.labels.max()) for part in parts)
    if (lowest, highest) != (1, classes):
        return list(parts)
    return [part._replace(labels=part.labels - np.uint8(1)) for part in parts]
