"""Find the image files that the names on a command line stand for."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fashion_predict.images.reading import SUFFIXES

STDIN = "-"

Found = tuple[str, str | None]  # the path of an image and None, or a name and why it has no images


def find_images(names: Iterable[str]) -> Iterator[Found]:
    """Yield the path of each image in the order of `names`: files, folders, or `-`.

    A folder stands for the files in it that have the suffix of an image, then those of its
    subfolders, in natural order. Hidden names and links to folders are skipped. A folder without
    images or without permission to read is yielded with the reason, so that the others are found.
    """
    for name in names:
        if not _is_folder(name):
            yield name, None
            continue
        found = False
        for result in _walk(name):
            found = True
            yield result
        if not found:
            yield name, "no images in this folder"


def natural(name: str) -> list[int | str]:
    """A sort key by which `b2.png` comes before `b10.png`.

    >>> sorted(["b10.png", "b2.png", "a.png"], key=natural)
    ['a.png', 'b2.png', 'b10.png']
    """
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]  # numbers are at odd i


def _walk(folder: str) -> Iterator[Found]:
    stack = [folder]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = [entry for entry in scanned if not entry.name.startswith(".")]
        except OSError as error:
            yield folder, error.strerror
            continue
        entries.sort(key=lambda entry: natural(entry.name))
        subfolders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        stack += reversed(subfolders)
        for entry in entries:
            if Path(entry.name).suffix.lower() in SUFFIXES and entry.path not in subfolders:
                yield entry.path, None


def _is_folder(name: str) -> bool:
    return os.path.isdir(name)  # noqa: PTH112  Path.is_dir raises without permission
