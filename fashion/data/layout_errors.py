"""Finds problems with the folders below `data/raw`; describes each in a line with a remedy."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from fashion.config.idx_names import idx_role
from fashion.data.layout import (
    TEST,
    TRAIN,
    files_in,
    folders_in,
    has_split_of_folders,
    split_folders,
    split_of,
)
from fashion.names import find_look_alikes, join_names, with_code_points, with_plural

ARCHIVES = re.compile(r"\.(zip|rar|7z|tar|gz|tgz|bz2|tbz2?|xz|txz|zst)$", re.IGNORECASE)
CONTROL = ("Cc", "Zl", "Zp")  # Unicode's control characters and line ends


def split_errors(root: Path, raw: Path) -> Iterator[str]:
    """A line if `root` holds folders of splits that are not named `train` and `test`."""
    folders = folders_in(root)
    splits = [path for path in folders if split_of(path.name)]
    are_splits = (
        {TRAIN, TEST} <= {path.name for path in folders}
        or splits == folders
        or has_split_of_folders(folders)
    )
    if not splits or not are_splits or split_folders(root)[TRAIN] != root:
        return
    yield (
        f"{root}: expected the folders '{TRAIN}' and '{TEST}', or a folder for each class, found "
        f"{join_names(path.name for path in folders)}; rename the folder of training images to "
        f"'{root / TRAIN}', that of test images to '{root / TEST}', and move all others out of "
        f"'{raw}' (validation images are taken from the training images)"
    )


def class_errors(folder: Path, raw: Path) -> Iterator[str]:
    """A line for each problem with the class folders in `folder`."""
    classes = folders_in(folder)
    if alike := find_look_alikes(path.name for path in classes):
        yield (
            f"{folder}: expected class names that look different, found "
            f"{', '.join(with_code_points(group) for group in alike)}; rename one, or merge the "
            "folders"
        )
    for path in classes:
        inner, files = folders_in(path), files_in(path)
        if any(unicodedata.category(letter) in CONTROL for letter in path.name):
            yield f"{str(path)!r}: expected a name without control characters; rename the folder"
        if inner:
            yield _nested(path, inner)
        elif any(idx_role(file.name) for file in files):
            yield f"{path}: expected IDX files directly in '{raw}'; move them there"
        elif not files:
            yield f"{path}: expected images, found none; add some, or remove the folder"


def _nested(path: Path, inner: Sequence[Path]) -> str:
    """What to do about the folders `inner` in the class folder `path`."""
    names, parent = join_names(folder.name for folder in inner), path.parent
    if all(split_of(folder.name) for folder in inner):
        return (
            f"{path}: expected '{TRAIN}' and '{TEST}' above the class folders, found {names} in "
            f"one; move the images to '{parent}/{TRAIN}/{path.name}' and "
            f"'{parent}/{TEST}/{path.name}', and remove '{path}'"
        )
    return (
        f"{path}: expected only images, found {with_plural(len(inner), 'folder')}: {names}; if "
        f"these are classes, move them to '{parent}' and remove '{path}'; otherwise move "
        f"their images to '{path}' and remove them"
    )


def stray_file_errors(folder: Path, raw: Path) -> Iterator[str]:
    """A line for each problem with the files in `folder`, which should hold only folders."""
    files = files_in(folder)
    if folders_in(folder):
        if files:
            yield (
                f"{folder}: expected only folders, found {with_plural(len(files), 'file')}: "
                f"{join_names(path.name for path in files)}; move the files into class folders, "
                f"or out of '{raw}'"
            )
        return
    archives = [path for path in files if ARCHIVES.search(path.name)]
    for path in archives:
        yield (
            f"{path}: expected a folder for each class, found an archive; unpack it in "
            f"'{folder}', and move the archive out of '{raw}'"
        )
    if images := [path for path in files if path not in archives]:
        unlabeled = f"; if their classes are unknown, move '{folder}' out of '{raw}'"
        yield (
            f"{folder}: expected a folder for each class, found "
            f"{with_plural(len(images), 'file')}: {join_names(path.name for path in images)}; "
            f"make a folder for each class in '{folder}', and move its images there"
            f"{unlabeled if folder.name == TEST else ''}"
        )
    elif not archives:
        yield (
            f"{folder}: expected a folder for each class, found none; make them, and put the "
            "images there"
        )
