"""Find the images that the arguments of the command line name."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from fashion_predict.images.reading import SUFFIXES

STDIN = "-"


class FoundImage(NamedTuple):
    """The path of an image, or the path of a folder and the reason why it has no images."""

    path: str
    error: str | None = None


def find_images(names: Iterable[str]) -> Iterator[FoundImage]:
    """Yield the path of each image, in the order of `names`: files, folders, or `-`.

    A folder gives the files with the suffix of an image, then those of its subfolders, in natural
    order. Hidden names and links to folders are skipped. A folder that has no images or cannot be
    read is yielded with the reason.
    """
    for name in names:
        if not os.path.isdir(name):  # noqa: PTH112  Path.is_dir raises without permission
            yield FoundImage(name)
            continue
        is_empty = True
        for image in _walk(name):
            is_empty = False
            yield image
        if is_empty:
            yield FoundImage(name, "no images in this folder")


def natural_key(name: str) -> list[int | str]:
    """Sort key that puts `b2.png` before `b10.png`.

    >>> sorted(["b10.png", "b2.png", "a.png"], key=natural_key)
    ['a.png', 'b2.png', 'b10.png']
    """
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]  # numbers are at odd i


def _walk(folder: str) -> Iterator[FoundImage]:
    stack = [folder]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = [entry for entry in scanned if not entry.name.startswith(".")]
        except OSError as error:
            yield FoundImage(folder, error.strerror)
            continue
        entries.sort(key=lambda entry: natural_key(entry.name))
        subfolders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        stack += reversed(subfolders)
        for entry in entries:
            if Path(entry.name).suffix.lower() in SUFFIXES and entry.path not in subfolders:
                yield FoundImage(entry.path)
