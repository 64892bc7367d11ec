"""The dataset, as the page needs it."""

from pathlib import Path
from typing import Any, NamedTuple, Self

from fashion.config.data import Data
from fashion.io.files import read_json
from fashion.io.labeled_images import LabeledImages, load_split


class PageData(NamedTuple):
    """The class names, in the order of labels, and the splits that `preprocess` wrote."""

    classes: list[str]
    train: LabeledImages
    validation: LabeledImages
    test: LabeledImages

    @classmethod
    def load(cls, processed: Path) -> Self:
        """Load the folder `processed`; raises `FileError` if a file is missing."""
        splits = (load_split(processed, name) for name in cls._fields[1:])
        return cls(read_json(processed / "classes.json")["classes"], *splits)

    def describe(self, data: Data) -> dict[str, Any]:
        """`dataset` of `Site` in `types.d.ts`."""
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
