"""The pictures that names on a command line lead to, one after the other.

A name is a file, a folder (with all in it), a pattern such as `shoes/*.jpg`, or `-`. What leads to
no picture takes its place among the results as a `PictureError`, so that the others are found.
Nothing but the names in one folder is held in memory.
"""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fashion.inference.errors import PictureError
from fashion.inference.pictures import SUFFIXES

STDIN = "-"

Found = tuple[str, PictureError | None]  # a path, or a name and what is wrong with it


def find_pictures(names: Iterable[str]) -> Iterator[Found]:
    """The path of each picture, in the order of `names`; `-` is passed on.

    A folder gives its files with the suffix of a picture, in natural order, then those of the
    folders in it. Names that begin with a dot are left out, links to folders are not followed (so
    there are no circles). `**` in a pattern is `*`: folders are searched to any depth anyway.
    """
    for name in names:
        if name == STDIN or os.path.lexists(name) or not glob.has_magic(name):
            yield from _find(name)
        elif found := sorted(glob.glob(name), key=natural):  # noqa: PTH207
            for one in found:
                yield from _find(one)
        else:
            yield name, PictureError(f"{name}: no file matches this pattern")


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key by which `b2.png` comes before `b10.png`.

    >>> sorted(["b10.png", "b2.png", "a.png"], key=natural)
    ['a.png', 'b2.png', 'b10.png']
    """
    parts = re.split(r"([0-9]+)", name)
    return [(int(part[:300] or 0), "") if i % 2 else (0, part) for i, part in enumerate(parts)]


def _find(name: str) -> Iterator[Found]:
    if not Path(name).is_dir():
        yield name, None
        return
    nothing = True
    for found in _walk(name):
        nothing = False
        yield found
    if nothing:
        yield name, PictureError(f"{name}: no pictures in this folder")


def _walk(folder: str) -> Iterator[Found]:
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: natural(entry.name))
        except OSError as error:
            yield folder, PictureError(f"{folder}: {error.strerror}")
            continue
        shown = [entry for entry in entries if not entry.name.startswith(".")]
        folders = [entry.path for entry in shown if entry.is_dir(follow_symlinks=False)]
        waiting += reversed(folders)
        inner = set(folders)
        for entry in shown:
            if entry.path not in inner and Path(entry.name).suffix.lower() in SUFFIXES:
                yield entry.path, None
