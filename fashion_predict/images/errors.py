"""The error of an image that cannot be read or preprocessed."""

import os


class ImageError(Exception):
    """An image that cannot be read or preprocessed.

    Its text begins with the name of the file, if there is one.

    Attributes:
        reason: what is wrong, without the name of the file.
    """

    def __init__(self, reason: str, file: str | os.PathLike[str] | None = None):
        super().__init__(reason if file is None else f"{os.fspath(file)}: {reason}")
        self.reason = reason
