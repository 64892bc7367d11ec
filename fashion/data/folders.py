"""Which images there are, and of which class: a folder for each class, `data/raw/` above them.

Either `train/CLASS/*` and `test/CLASS/*`, or `CLASS/*` (or `train/CLASS/*` alone), of which a part
becomes the test images. Every file is taken for an image, but for what operating systems and
archivers leave (`fashion.listing`). Names are compared in Unicode's composed form (NFC), as macOS
and Linux write the same letters in two ways; they are sorted by code points.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.data.checks import DatasetError
from fashion.data.layout import (
    TEST,
    TRAIN,
    faults_of_classes,
    faults_of_files,
    faults_of_parts,
    files_in,
    folders_in,
    parts_of,
    unwrap,
)
from fashion.listing import check_utf8
from fashion.names import looks, some, spelled

MAX_CLASSES = 256  # labels are a byte
ByClass = dict[str, list[str]]  # names of files below `data/raw`


class ImageList(NamedTuple):
    """`files` in order, as names below the folder `raw`, and `labels` (uint8 [files])."""

    raw: Path
    files: Sequence[str]
    labels: np.ndarray


def find(raw: str | Path, names: Sequence[str] | None) -> tuple[list[str], list[ImageList]]:
    """The class names in the order of labels; training images, and test ones if there are.

    `names` are those of `data.classes`, None for those of the folders. Raises `DatasetError` with
    a line for each fault where folders are not as above, differ between the parts or from `names`,
    or hold no image, and `EncodingError` where a name is not UTF-8.
    """
    raw = Path(raw)
    check_utf8(raw)
    parts = _parts(raw)
    folders = {part: _by_class(raw, folder) for part, folder in parts.items()}
    found = sorted(folders[TRAIN])
    if not 1 < len(found) <= MAX_CLASSES:
        advice = "add a folder for each other class" if len(found) == 1 else "merge or remove some"
        raise DatasetError(
            f"{raw}: expected 2 to {MAX_CLASSES} classes, a folder for each, found {len(found)}: "
            f"{some(found)}; {advice}"
        )
    if TEST in folders:
        _refuse(_differences(found, list(folders[TEST]), parts[TRAIN], parts[TEST]))
    if names is not None:
        _refuse(_wrong_names(names, found, raw))
    names = found if names is None else list(names)
    return names, [_in_order(raw, by_class, names) for by_class in folders.values()]


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise DatasetError("\n".join(faults))


def _parts(raw: Path) -> dict[str, Path]:
    """The folder of classes of each part; raises `DatasetError` with all that is wrong there."""
    passed = unwrap(raw)
    root = passed[-1]
    faults, parts = faults_of_parts(root, raw), {}
    for part, folder in () if faults else parts_of(root).items():
        chain = unwrap(folder, part)
        parts[part] = chain[-1]
        passed += [path for path in chain if path != root]
        faults += faults_of_classes(chain[-1], raw)
    _refuse([line for folder in passed for line in faults_of_files(folder, raw)] + faults)
    return parts


def _by_class(raw: Path, folder: Path) -> ByClass:
    return {
        unicodedata.normalize("NFC", path.name): [
            file.relative_to(raw).as_posix() for file in files_in(path)
        ]
        for path in folders_in(folder)
    }


def _differences(one: Sequence[str], other: Sequence[str], train: Path, test: Path) -> list[str]:
    """A line for each difference between the classes `one` of `train` and `other` of `test`."""
    alike, alone, other_alone = _compare(one, other)
    lines = [
        f"expected the same classes in '{train}' and '{test}', found {spelled(pair)}; rename one"
        for pair in alike
    ]
    for names, has, lacks in ((alone, train, test), (other_alone, test, train)):
        if names:
            lines.append(
                f"expected the same classes in '{train}' and '{test}', found {some(names)} in "
                f"'{has}' alone; add a folder of the same name with images to '{lacks}' for "
                f"each, or remove it from '{has}'"
            )
    return lines


def _wrong_names(names: Sequence[str], found: Sequence[str], raw: Path) -> list[str]:
    """A line if the `names` in `data.classes` are not those `found` of the folders of classes."""
    alike, alone, missing = _compare(names, found)
    faults = [f"{spelled(pair)} of a folder" for pair in alike]
    faults += [f"{some(alone)} without a folder"] if alone else []
    faults += [f"no name for the folders {some(missing)}"] if missing else []
    if not faults:
        return []
    line = (
        f"data.classes of params.yaml: expected the names of the folders of classes in '{raw}', "
        f"found {'; '.join(faults)}; correct the list, or write `classes: folders` to take the "
        "names of the folders"
    )
    return [line]


def _compare(
    one: Sequence[str], other: Sequence[str]
) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Pairs of different names that look alike, and the names in `one` and in `other` alone."""
    left, right = sorted({*one} - {*other}), sorted({*other} - {*one})
    alike = [(name, twin) for name in left for twin in right if looks(name) == looks(twin)]
    paired = {name for pair in alike for name in pair}
    alone, other_alone = ([n for n in names if n not in paired] for names in (left, right))
    return alike, alone, other_alone


def _in_order(raw: Path, by_class: ByClass, names: Sequence[str]) -> ImageList:
    labels = np.repeat(np.arange(len(names)), [len(by_class[name]) for name in names])
    files = [file for name in names for file in by_class[name]]
    return ImageList(raw, files, labels.astype(np.uint8))
