"""What can be wrong with what a user hands to the classifier."""

import os

from fashion.errors import FashionError


class ImageError(FashionError):
    """An image that cannot be answered.

    Attributes:
        reason: what is wrong, without the name of the file.
    """

    def __init__(self, reason: str, file: str | os.PathLike[str] | None = None):
        super().__init__(reason if file is None else f"{os.fspath(file)}: {reason}")
        self.reason = reason


class ModelError(FashionError):
    """A model file that is missing or is not one of this project's exported networks."""

    exit_code = 2
