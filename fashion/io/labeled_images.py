"""Images with their labels, as `preprocess` writes them for each split."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.io.files import read_npy


class LabeledImages(NamedTuple):
    """Images, uint8 [count, height, width] or [count, height, width, 3], with labels uint8 [count].

    The pixels are 0 to 255; a label is the index of a class.
    """

    images: np.ndarray
    labels: np.ndarray


def npy_files(processed: str | Path, split: str) -> list[Path]:
    """The paths of the images and of the labels of `split` in the folder `processed`."""
    return [Path(processed, split, f"{name}.npy") for name in LabeledImages._fields]


def load_split(processed: str | Path, split: str) -> LabeledImages:
    """Load `split` (train, validation or test), memory-mapped and read-only.

    Raises `FileError` if a file is missing or is not a `.npy` file.
    """
    return LabeledImages(*map(read_npy, npy_files(processed, split)))
