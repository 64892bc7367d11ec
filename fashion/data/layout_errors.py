"""Finds problems with the folders below `data/raw`; describes each in a line with a remedy."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fashion.config.idx_names import idx_role
from fashion.data.layout import (
    SPLIT_OF_NAME,
    SPLITS,
    TEST,
    TRAIN,
    files_in,
    folders_in,
    has_split_of_folders,
    split_folders,
    split_of,
)
from fashion.names import find_look_alikes, join_names, with_code_points, with_plural
from fashion_predict.images.reading import SUFFIXES

ARCHIVES = re.compile(r"\.(zip|rar|7z|tar|gz|tgz|bz2|tbz2?|xz|txz|zst)$", re.IGNORECASE)
CONTROL = ("Cc", "Zl", "Zp")  # Unicode's control characters and line ends


def split_errors(root: Path, raw: Path) -> Iterator[str]:
    """A line if `root` holds folders of splits with other names than in `SPLIT_OF_NAME`."""
    folders = folders_in(root)
    names: dict[str | None, list[str]] = {}
    for path in folders:
        names.setdefault(split_of(path.name), []).append(path.name)
    are_splits = (
        {TRAIN, TEST} <= {path.name.casefold() for path in folders}
        or None not in names
        or has_split_of_folders(folders)
    )
    if not {*names} - {None} or not are_splits or split_folders(root)[TRAIN] != root:
        return
    yield (
        f"{root}: expected the folders '{TRAIN}' and, if you have them, 'validation' and '{TEST}', "
        f"or a folder for each class, found {join_names(path.name for path in folders)}; "
        f"{', '.join(_renamings(names, root, raw))}"
    )


def _renamings(names: Mapping[str | None, Sequence[str]], root: Path, raw: Path) -> Iterator[str]:
    """What to do about the folders in `root`: their `names`, by the split that they suggest."""
    if TRAIN not in names:
        yield f"rename the folder of training images to '{root / TRAIN}'"
    for split in SPLITS:
        found = names.get(split, ())
        if len(found) > 1:
            yield f"merge {join_names(found)} into '{root / split}'"
        elif found and SPLIT_OF_NAME.get(found[0].casefold()) != split:
            yield f"rename '{root / found[0]}' to '{root / split}'"
    if others := names.get(None):
        which = join_names(others) if TRAIN in names else "all others"
        yield f"move {which} out of '{raw}'"


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
    splits = [split_of(folder.name) for folder in inner]
    if all(splits):
        targets = join_names(f"{parent}/{split}/{path.name}" for split in splits)
        return (
            f"{path}: expected '{TRAIN}' and '{TEST}' above the class folders, found {names} in "
            f"one; move the images to {targets}, and remove '{path}'"
        )
    return (
        f"{path}: expected only images, found {with_plural(len(inner), 'folder')}: {names}; if "
        f"these are classes, move them to '{parent}' and remove '{path}'; otherwise move "
        f"their images to '{path}' and remove them"
    )


def is_ignored(path: Path) -> bool:
    """Whether the file `path` beside folders needs no answer, such as a license or a table.

    Images, archives and IDX files may be data in the wrong place.
    """
    name = path.name
    is_data = path.suffix.lower() in SUFFIXES or ARCHIVES.search(name) or idx_role(name)
    return not is_data


def stray_file_errors(folder: Path, raw: Path) -> Iterator[str]:
    """A line for each problem with the files in `folder`, which should hold only folders."""
    files = files_in(folder)
    if folders_in(folder):
        if files := [path for path in files if not is_ignored(path)]:
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
            f"{unlabeled if folder.name.casefold() == TEST else ''}"
        )
    elif not archives:
        yield (
            f"{folder}: expected a folder for each class, found none; make them, and put the "
            "images there"
        )
