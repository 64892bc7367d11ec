"""Finds the images in class folders below `data/raw`: `CLASS/*`, or `train/CLASS/*` and so on.

Every file in them counts as an image, except files that operating systems and archivers create
(`fashion.listing`). Class names are in Unicode's composed form (NFC), because macOS and Linux
store the same letters differently. They are sorted by code point.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from fashion.data.checks import DatasetError
from fashion.data.layout import TRAIN, files_in, folders_in, split_folders, unwrap
from fashion.data.layout_errors import class_errors, is_ignored, split_errors, stray_file_errors
from fashion.data.splits import ImageList
from fashion.links import refuse_links
from fashion.listing import check_utf8
from fashion.names import find_look_alikes, join_names, with_code_points, with_plural

MAX_CLASSES = 256  # labels are uint8


def find_images(
    raw: str | Path, classes: Sequence[str] | None
) -> tuple[list[str], dict[str, ImageList]]:
    """Return the class names in the order of labels, and the images of each split with a folder.

    The images are those of `train`, and of `validation` and `test` if there are such folders.
    `classes` are the names in data.classes of params.yaml, or None for the names of the folders.
    Prints the names of files beside the folders, which are ignored.

    Raises `DatasetError` with a line per problem if the folders are not as expected, differ
    between splits or from `classes`, or hold no images; `LinkError` if there are links;
    `EncodingError` if a name is not UTF-8.
    """
    raw = Path(raw)
    refuse_links(raw)
    check_utf8(raw)
    parents = _class_parents(raw)
    files = {split: _files_by_class(raw, parent) for split, parent in parents.items()}
    found = sorted(files[TRAIN])
    if not 1 < len(found) <= MAX_CLASSES:
        advice = "add folders of other classes" if len(found) == 1 else "merge or remove some"
        raise DatasetError(
            f"{raw}: expected 2 to {MAX_CLASSES} class folders, found {len(found)}: "
            f"{join_names(found)}; {advice}"
        )
    for split, others in files.items():
        _check_equal(found, [*others], parents[TRAIN], parents[split])
    if classes is not None:
        _check_listed(classes, found, raw)
    names = found if classes is None else list(classes)
    return names, {split: _image_list(raw, of, names) for split, of in files.items()}


def _class_parents(raw: Path) -> dict[str, Path]:
    """The folder with the class folders of each split; raises `DatasetError`.

    Prints a line about ignored files.
    """
    visited = unwrap(raw)
    root = visited[-1]
    errors, parents = [*split_errors(root, raw)], {}
    for split, folder in () if errors else split_folders(root).items():
        chain = unwrap(folder, split)
        parents[split] = chain[-1]
        visited += [path for path in chain if path != root]
        errors += class_errors(chain[-1], raw)
    errors = [line for path in visited for line in stray_file_errors(path, raw)] + errors
    if errors:
        raise DatasetError("\n".join(errors))
    ignored = [path for folder in visited for path in files_in(folder) if is_ignored(path)]
    if ignored:
        names = join_names(path.relative_to(raw) for path in ignored)
        print(f"ignored {with_plural(len(ignored), 'file')} beside the folders: {names}")
    return parents


def _files_by_class(raw: Path, parent: Path) -> dict[str, list[str]]:
    """The names of the files below `raw`, by class."""
    return {
        unicodedata.normalize("NFC", folder.name): [
            path.relative_to(raw).as_posix() for path in files_in(folder)
        ]
        for folder in folders_in(parent)
    }


def _check_equal(found: Sequence[str], others: Sequence[str], train: Path, split: Path) -> None:
    """Raise `DatasetError` unless the classes `found` in `train` are the `others` in `split`."""
    sides = ((train, {*found} - {*others}), (split, {*others} - {*found}))
    differences = [
        f"{join_names(sorted(names))} only in '{folder}'" for folder, names in sides if names
    ]
    if differences:
        raise DatasetError(
            f"expected the same classes in '{train}' and '{split}', found {', '.join(differences)}"
            f"{_alike({*found} ^ {*others})}; add, rename or remove folders"
        )


def _check_listed(classes: Sequence[str], found: Sequence[str], raw: Path) -> None:
    """Raise `DatasetError` unless `classes` are the names `found` of the class folders."""
    missing, unlisted = sorted({*classes} - {*found}), sorted({*found} - {*classes})
    differences = [f"no folder for {join_names(missing)}"] if missing else []
    differences += [f"folders that are not listed: {join_names(unlisted)}"] if unlisted else []
    if differences:
        raise DatasetError(
            f"data.classes in params.yaml: expected the names of the class folders in '{raw}', "
            f"found {'; '.join(differences)}{_alike(missing + unlisted)}; correct the list, or "
            "write `classes: folders` to use the folder names"
        )


def _alike(names: Iterable[str]) -> str:
    groups = find_look_alikes(sorted(names))
    return (
        f"; these look alike: {', '.join(with_code_points(group) for group in groups)}"
        if groups
        else ""
    )


def _image_list(raw: Path, files: Mapping[str, Sequence[str]], names: Sequence[str]) -> ImageList:
    labels = np.repeat(np.arange(len(names)), [len(files[name]) for name in names])
    return ImageList(raw, [file for name in names for file in files[name]], labels.astype(np.uint8))
