"""Finds the class folders below `data/raw`: in one folder, or in `train` and `test`.

Archives often wrap everything in one more folder, which is skipped.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from fashion.listing import is_clutter

TRAIN, TEST, VALIDATION = "train", "test", "validation"
SPLIT_WORDS = {
    TRAIN: {"train", "training", "trainset", "traindata"},
    TEST: {"test", "testing", "testset", "testdata"},
    VALIDATION: {"val", "valid", "validation", "validate", "valset", "dev", "devset", "eval"},
}


def split_of(name: str) -> str | None:
    """The split that the name of a folder suggests; None if the name suggests none or several.

    >>> [split_of(name) for name in ("Test", "val2017", "seg_train", "cat", "train_val")]
    ['test', 'validation', 'train', None, None]
    """
    words = set(re.split(r"[\W\d_]+", name.casefold()))
    found = [split for split, names in SPLIT_WORDS.items() if words & names]
    return found[0] if len(found) == 1 else None


def list_folder(folder: str | Path) -> tuple[list[Path], list[Path]]:
    """Return the folders and the other entries in `folder`, sorted by name, without clutter."""
    found: tuple[list[Path], list[Path]] = [], []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not is_clutter(entry.name):
                found[0 if entry.is_dir() else 1].append(Path(folder, entry.name))
    return found


def folders_in(folder: Path) -> list[Path]:
    """The folders in `folder`, sorted by name."""
    return list_folder(folder)[0]


def files_in(folder: Path) -> list[Path]:
    """The files in `folder` (everything but folders and clutter), sorted by name."""
    return list_folder(folder)[1]


def unwrap(folder: Path, split: str | None = None) -> list[Path]:
    """Skip wrapping folders: return `folder`, and each folder inside that was entered.

    The last one holds the folders of classes or splits. A folder is entered if it has no sibling
    folders and contains folders. If its name suggests a split other than `split`, it must contain
    folders of splits.
    """
    nested = [folder]
    while len(folders := folders_in(nested[-1])) == 1:
        inner = folders_in(folders[0])
        is_split = split_of(folders[0].name) not in (None, split)
        if not inner or (is_split and not has_split_of_folders(inner)):
            break
        nested += folders
    return nested


def has_split_of_folders(folders: Iterable[Path]) -> bool:
    """Whether one of `folders` is named like a split and contains folders.

    A folder without folders may be a class, such as `train` beside `bus`.
    """
    return any(split_of(path.name) and folders_in(path) for path in folders)


def split_folders(root: Path) -> dict[str, Path]:
    """The folder of each split: `train` and perhaps `test` in `root`, otherwise `root` as train."""
    names = {path.name for path in folders_in(root)}
    if TRAIN in names and names <= {TRAIN, TEST}:
        return {name: root / name for name in (TRAIN, TEST) if name in names}
    return {TRAIN: root}
