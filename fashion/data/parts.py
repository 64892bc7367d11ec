"""A part of the data: images in one form, whatever they were made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.data.idx import read_idx


class Size(NamedTuple):
    """Of a picture as it is: pixels, and 1 channel (greyscale), 3 (colour) or 4 (and alpha)."""

    height: int
    width: int
    channels: int


class Part(NamedTuple):
    """`images` (uint8 [count, *image_shape]), memory-mapped, and `labels` (uint8 [count]).

    `files` and `sizes` say of each image where it is from, and what size it has there.
    """

    images: np.ndarray
    labels: np.ndarray
    files: Sequence[str]
    sizes: Sequence[Size]


def image_shape(height: int, width: int, channels: int) -> tuple[int, ...]:
    """The shape of an image: (height, width) in greyscale, (height, width, channels) in colour."""
    return (height, width) if channels == 1 else (height, width, channels)


def read_idx_part(images: Path, labels: Path, axes: int) -> Part:
    """The part in two IDX files; `axes` are those of an image.

    Raises `IdxError` if a file is none, and `FileNotFoundError`.
    """
    pixels = read_idx(images, dimensions=1 + axes)
    height, width, *channels = pixels.shape[1:]
    files = [f"{images.name}:{place}" for place in range(len(pixels))]
    sizes = [Size(height, width, *(channels or [1]))] * len(pixels)
    return Part(pixels, read_idx(labels, dimensions=1), files, sizes)
