"""Which pictures there are, and of which class: a folder for each class, `data/raw/` above them.

Either `train/CLASS/*` and `test/CLASS/*`, or `CLASS/*` (or `train/CLASS/*` alone), of which a part
becomes the test pictures. Every file is taken for a picture, but for those that begin with a dot
and those that Windows leaves in folders. Names are compared in Unicode's composed form (NFC), as
macOS and Linux write the same letters in two ways; they are sorted by code points.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.data.checks import DatasetError

TRAIN, TEST = "train", "test"
NO_PICTURES = ("Thumbs.db", "desktop.ini")
NO_TEXT = ("Cc", "Cs", "Zl", "Zp")  # Unicode's control characters, halves of one, and line ends
MAX_CLASSES = 256  # labels are a byte
ByClass = dict[str, list[str]]  # names of files below `data/raw`


class Listed(NamedTuple):
    """`files` in order, as names below the folder `raw`, and `labels` (uint8 [files])."""

    raw: Path
    files: Sequence[str]
    labels: np.ndarray


def has_folders(raw: str | Path) -> bool:
    """Whether the folder `raw` holds folders: pictures, not the files of a data set."""
    return Path(raw).is_dir() and any(path.is_dir() for path in Path(raw).iterdir())


def find(raw: str | Path, names: Sequence[str] | None) -> tuple[list[str], list[Listed]]:
    """The class names in the order of labels; training pictures, and test ones if there are.

    `names` are those of `data.classes`, None for those of the folders. Raises `DatasetError` where
    folders are not as above, differ between the parts or from `names`, or hold no picture.
    """
    raw = Path(raw)
    folders = {part: _by_class(raw, folder) for part, folder in _parts(raw).items()}
    found = sorted(folders[TRAIN])
    if not 1 < len(found) <= MAX_CLASSES:
        raise DatasetError(
            f"{raw}: expected 2 to {MAX_CLASSES} classes, a folder for each, received "
            f"{len(found)}{': ' if found else ''}{', '.join(found[:5])}"
        )
    if TEST in folders:
        _compare(found, sorted(folders[TEST]), f"{raw}/{TRAIN}", f"{raw}/{TEST}")
    if names is not None:
        _compare(sorted(names), found, "data.classes of params.yaml", f"the folders of {raw}")
    names = found if names is None else list(names)
    return names, [_in_order(raw, by_class, names) for by_class in folders.values()]


def _shown(folder: Path) -> list[Path]:
    paths = [path for path in folder.iterdir() if path.name not in NO_PICTURES]
    return sorted(path for path in paths if not path.name.startswith("."))


def _folders(folder: Path) -> list[Path]:
    paths = _shown(folder)
    for path in paths:
        if not path.is_dir():
            raise DatasetError(
                f"{path}: a file that is in no class; move it to the folder of its class, or away"
            )
    return paths


def _parts(raw: Path) -> dict[str, Path]:
    """The folder of each part that there is."""
    present = {path.name for path in _folders(raw)}
    others = present - {TRAIN, TEST}
    if (others and {TRAIN, TEST} <= present) or present == {TEST}:
        raise DatasetError(
            f"{raw}: expected the folders {TRAIN} and {TEST}, or folders of classes alone, "
            f"received {', '.join(sorted(present))}"
        )
    if others:
        return {TRAIN: raw}
    return {part: raw / part for part in (TRAIN, TEST) if part in present}


def _by_class(raw: Path, folder: Path) -> ByClass:
    by_class: ByClass = {}
    for path in _folders(folder):
        name = unicodedata.normalize("NFC", path.name)
        if any(unicodedata.category(letter) in NO_TEXT for letter in name):
            raise DatasetError(f"{str(path)!r}: expected letters in the name of a class; rename it")
        if name in by_class:
            raise DatasetError(
                f"{path}: two folders of this name, in two forms of Unicode; move "
                "the files of one to the other"
            )
        by_class[name] = [file.relative_to(raw).as_posix() for file in _files(path)]
    return by_class


def _files(folder: Path) -> list[Path]:
    files = _shown(folder)
    for path in files:
        if path.is_dir():
            raise DatasetError(
                f"{path}: a folder inside of the folder of a class; move its pictures to {folder}, "
                "or to a folder beside it if they are a class"
            )
    if not files:
        raise DatasetError(f"{folder}: a class without pictures; add some, or remove the folder")
    return files


def _compare(expected: list[str], received: list[str], one: str, other: str) -> None:
    """Raise `DatasetError` with the names that are in one of two places alone."""
    for names, has, lacks in ((expected, one, other), (received, other, one)):
        alone = sorted(set(names) - set(expected if names is received else received))
        if alone:
            raise DatasetError(
                f"expected the same classes in {one} and {other}; {has} alone has "
                f"{', '.join(alone)}: correct the name, or add pictures to {lacks}"
            )


def _in_order(raw: Path, by_class: ByClass, names: Sequence[str]) -> Listed:
    labels = np.repeat(np.arange(len(names)), [len(by_class[name]) for name in names])
    files = [file for name in names for file in by_class[name]]
    return Listed(raw, files, labels.astype(np.uint8))
