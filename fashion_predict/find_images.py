"""The images that names on a command line lead to, one after the other.

A name is a file, a folder (with all in it), a pattern such as `shoes/*.jpg`, or `-`. What leads to
no image takes its place among the results with the reason, so that the others are found.
Nothing but the names in one folder or of one pattern is held in memory.
"""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fashion_predict.images.reading import SUFFIXES

STDIN = "-"

Found = tuple[str, str | None]  # a path, or a name and what is wrong with it


def find_images(names: Iterable[str]) -> Iterator[Found]:
    """The path of each image, in the order of `names`; `-` is passed on.

    A folder gives its files with the suffix of an image, in natural order, then those of the
    folders in it. Names that begin with a dot are left out, links to folders are not followed (so
    there are no circles). A pattern gives what it matches, in natural order, and each image once;
    `**` in it is any number of folders, as in Python's `glob`, of those that a search enters.
    """
    for name in names:
        if name == STDIN or os.path.lexists(name) or not glob.has_magic(name):
            yield from _find(name)
        elif matches := sorted(_matches(name), key=natural):
            yield from dict.fromkeys(found for one in matches for found in _find(one))
        else:
            yield name, "no file matches this pattern"


def natural(name: str) -> list[int | str]:
    """A sort key by which `b2.png` comes before `b10.png`.

    >>> sorted(["b10.png", "b2.png", "a.png"], key=natural)
    ['a.png', 'b2.png', 'b10.png']
    """
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]  # numbers are at odd i


def _matches(pattern: str) -> Iterator[str]:
    before, *after = re.split(r"(?:^|(?<=/))\*\*/+", pattern, maxsplit=1)
    if not after:
        yield from glob.glob(pattern)  # noqa: PTH207
        return
    folders = glob.glob(before) if before else [""]  # noqa: PTH207
    for folder in folders:  # which grow
        below = _matches(glob.escape(folder) + after[0])
        yield from (one for one in below if not (Path(one).is_symlink() and _is_folder(one)))
        try:
            shown = _shown(folder or ".")
            folders += [f"{folder}{entry.name}/" for entry in shown if _is_inner(entry)]
        except OSError:
            yield folder  # whose search says why


def _find(name: str) -> Iterator[Found]:
    if not _is_folder(name):
        yield name, None
        return
    nothing = True
    for found in _walk(name):
        nothing = False
        yield found
    if nothing:
        yield name, "no images in this folder"


def _walk(folder: str) -> Iterator[Found]:
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            shown = sorted(_shown(folder), key=lambda entry: natural(entry.name))
        except OSError as error:
            yield folder, error.strerror
            continue
        folders = [entry.path for entry in shown if _is_inner(entry)]
        waiting += reversed(folders)
        inner = set(folders)
        for entry in shown:
            if entry.path not in inner and Path(entry.name).suffix.lower() in SUFFIXES:
                yield entry.path, None


def _shown(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]


def _is_inner(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _is_folder(name: str) -> bool:
    return os.path.isdir(name)  # noqa: PTH112 - that of `Path` raises where access is denied
