"""The data set as the page shows it: class names, and the images that it may show."""

from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from fashion.config.data import Data
from fashion.io.files import read_json, read_npy


class Part(NamedTuple):
    """Images (uint8 [count, height, width] or [count, height, width, 3]) and labels (uint8)."""

    images: np.ndarray
    labels: np.ndarray

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The part in `folder`, memory-mapped."""
        return cls(read_npy(folder / "images.npy"), read_npy(folder / "labels.npy"))


class DataSet(NamedTuple):
    """What `stages.preprocess` made; `classes` are in the order of labels."""

    classes: list[str]
    train: Part
    validation: Part
    test: Part

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The data set in `folder`."""
        parts = (Part.read(folder / name) for name in ("train", "validation", "test"))
        return cls(read_json(folder / "classes.json")["classes"], *parts)

    def describe(self, data: Data) -> dict[str, Any]:
        """`data` of `Site` in `types.d.ts`."""
        return {
            "name": data.name,
            "homepage": str(data.homepage) if data.homepage else None,
            "license": data.license,
            "classes": self.classes,
            "image_shape": self.test.images.shape[1:],
            "images": {
                "training": len(self.train.labels),
                "validation": len(self.validation.labels),
                "test": len(self.test.labels),
            },
        }
