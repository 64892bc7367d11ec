"""Finds the class folders below `data/raw`: in one folder, or in `train`, `validation` and `test`.

Archives often wrap everything in one more folder, which is skipped.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from fashion.listing import is_clutter

SPLITS = TRAIN, VALIDATION, TEST = "train", "validation", "test"
# Names of folders of a split, in lower case. Other names that suggest a split are refused.
SPLIT_OF_NAME = {
    TRAIN: TRAIN,
    **dict.fromkeys((VALIDATION, "val", "valid", "dev"), VALIDATION),
    TEST: TEST,
}
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
    """The folder of each split, in the order of `SPLITS`: training and perhaps others in `root`.

    Otherwise, `root` itself is the folder of the training images.
    """
    folders = folders_in(root)
    found = {SPLIT_OF_NAME.get(path.name.casefold()): path for path in folders}
    if TRAIN in found and None not in found and len(found) == len(folders):
        return {split: found[split] for split in SPLITS if split in found}
    return {TRAIN: root}
