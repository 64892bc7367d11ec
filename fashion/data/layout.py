"""Where images are below `data/raw`: folders of classes, alone or in `train` and `test`.

An archive may put one more folder around them. What is arranged in another way is refused with a
line for each fault. Advice never leads to classes that are called after parts of the data.
"""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from fashion.config.idx_names import idx_role
from fashion.listing import is_clutter
from fashion.names import look_alikes, some, spelled

TRAIN, TEST, VALIDATION = "train", "test", "validation"
WORDS = {  # by which people and tools call the parts of their data
    TRAIN: {"train", "training", "trainset", "traindata"},
    TEST: {"test", "testing", "testset", "testdata"},
    VALIDATION: {"val", "valid", "validation", "validate", "valset", "dev", "devset", "eval"},
}
ARCHIVES = re.compile(r"\.(zip|rar|7z|tar|gz|tgz|bz2|tbz2?|xz|txz|zst)$", re.IGNORECASE)
NO_TEXT = ("Cc", "Zl", "Zp")  # Unicode's control characters and line ends


def split_of(name: str) -> str | None:
    """The part of the data that a folder of this name holds, as its user calls it; None for none.

    >>> [split_of(name) for name in ("Test", "val2017", "seg_train", "cat", "train_val")]
    ['test', 'validation', 'train', None, None]
    """
    words = set(re.split(r"[\W\d_]+", name.casefold()))
    found = [split for split, names in WORDS.items() if words & names]
    return found[0] if len(found) == 1 else None


def list_folder(folder: str | Path) -> tuple[list[Path], list[Path]]:
    """The folders in `folder` and everything else in it, both sorted by name, without clutter."""
    with os.scandir(folder) as entries:
        shown = sorted(
            (entry.name, entry.is_dir()) for entry in entries if not is_clutter(entry.name)
        )
    paths = [(Path(folder, name), is_folder) for name, is_folder in shown]
    return [p for p, is_folder in paths if is_folder], [
        p for p, is_folder in paths if not is_folder
    ]


def folders_in(folder: Path) -> list[Path]:
    """The folders in `folder`."""
    return list_folder(folder)[0]


def files_in(folder: Path) -> list[Path]:
    """Everything else in `folder`: each is taken for an image."""
    return list_folder(folder)[1]


def unwrap(folder: Path, part: str | None = None) -> list[Path]:
    """`folder`, the folder that is alone in it and holds folders, the one alone in that, ...

    One that is called after a part of the data, but for `part`, is passed if it holds parts.
    """
    chain = [folder]
    while len(folders := folders_in(chain[-1])) == 1:
        inner = folders_in(folders[0])
        if not inner or not (split_of(folders[0].name) in (None, part) or _holds_parts(inner)):
            break
        chain += folders
    return chain


def _holds_parts(folders: Iterable[Path]) -> bool:
    return any(split_of(path.name) and folders_in(path) for path in folders)


def parts_of(root: Path) -> dict[str, Path]:
    """The folder of each part in `root`: `train` and `test`, `train` alone, or `root` as `train`.

    A folder called after a part that holds no folder is a class, as `train` beside `bus`.
    """
    names = {path.name for path in folders_in(root)}
    if TRAIN in names and names <= {TRAIN, TEST}:
        return {name: root / name for name in (TRAIN, TEST) if name in names}
    return {TRAIN: root}


def faults_of_parts(root: Path, raw: Path) -> list[str]:
    """A line if the folders of parts in `root` are not called `train` and `test`."""
    folders = folders_in(root)
    names = {path.name for path in folders}
    called = [path for path in folders if split_of(path.name)]
    both = {TRAIN, TEST} <= names
    is_split = both or _holds_parts(folders) or called == folders
    if not called or not is_split or (TRAIN in names and names <= {TRAIN, TEST}):
        return []
    plan = _plan(folders)
    edits = [
        f"rename '{path}' to '{root / name}'" if name else f"move '{path}' out of '{raw}'"
        for path, name in plan.items()
        if name != path.name
    ]
    spare = any(split_of(path.name) == VALIDATION for path, name in plan.items() if name is None)
    line = (
        f"{root}: expected the folders {TRAIN} and {TEST} with a folder for each class in either, "
        f"or folders of classes alone, found {some(sorted(names))}; {', '.join(edits)}"
    )
    if any(name is None and split_of(path.name) is None for path, name in plan.items()):
        line += f"; or, if a folder such as '{called[0]}' is a class, move its images into it"
    return [line + (" (validation images are taken from the training images)" if spare else "")]


def _plan(folders: Sequence[Path]) -> dict[Path, str | None]:
    """What each folder should be called, None where it should be elsewhere."""
    by_split: dict[str | None, list[Path]] = defaultdict(list)
    for path in sorted(folders, key=lambda path: path.name not in (TRAIN, TEST)):
        by_split[split_of(path.name)].append(path)
    nested = [path for path in by_split[None] if folders_in(path)]
    candidates = by_split[TRAIN] or nested or by_split[VALIDATION] or by_split[TEST]
    train = candidates[0]
    tests = [path for path in (*by_split[TEST], *by_split[VALIDATION]) if path != train]
    test = tests[0] if tests else None
    return {path: {train: TRAIN, test: TEST}.get(path) for path in folders}


def faults_of_classes(folder: Path, raw: Path) -> list[str]:
    """A line for each fault of the folders of classes in `folder`, and of what is in them."""
    classes = folders_in(folder)
    found = [_alike(folder, "folders", classes, by_letter=False)]
    for path in classes:
        inner, files = folders_in(path), files_in(path)
        found.append(_no_text(path))
        if inner:
            found.append(_nested(path, inner, files))
        elif any(idx_role(file.name) for file in files):
            found.append(
                f"{path}: expected IDX files in '{raw}' itself, found some here; move the files of "
                f"'{path}' to '{raw}', and the folder out of it"
            )
        elif not files:
            found.append(f"{path}: a class without images; add some, or remove the folder")
        else:
            found += _to_unpack(path, raw, files)
        found.append(_alike(path, "files", files, by_letter=True))
    return [line for line in found if line]


def faults_of_files(folder: Path, raw: Path) -> list[str]:
    """Lines about the files in `folder`, where only folders should be."""
    files = files_in(folder)
    names = [path.name for path in files]
    if not folders_in(folder):
        return _without_folders(folder, raw, files)
    if not files:
        return []
    them = "it" if len(names) == 1 else "them"
    line = (
        f"{folder}: expected folders alone, found {_count(files)} in no class: {some(names)}; "
        f"move {them} out of '{raw}', or into the folder of a class"
    )
    return [line]


def _without_folders(folder: Path, raw: Path, files: Sequence[Path]) -> list[str]:
    """What to unpack, and what to put into folders."""
    lines = _to_unpack(folder, raw, files, "images in a folder for each class")
    others = [path for path in files if not ARCHIVES.search(path.name)]
    if others or not lines:
        names = some(path.name for path in others)
        found = f"{_count(others)} in no folder: {names}" if others else "none"
        away = f", or move '{folder}' out of '{raw}' if nobody knows their classes"
        lines.append(
            f"{folder}: expected images in a folder for each class, found {found}; make a folder "
            f"for each class in '{folder}', and move its images there"
            + (away if folder.name == TEST else "")
        )
    return lines


def _to_unpack(
    folder: Path, raw: Path, files: Sequence[Path], expected: str = "images"
) -> list[str]:
    return [
        f"{folder}: expected {expected}, found the archive '{path}'; unpack it in '{folder}', and "
        f"move it out of '{raw}'"
        for path in files
        if ARCHIVES.search(path.name)
    ]


def _count(files: Sequence[Path]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"


def _no_text(path: Path) -> str:
    if any(unicodedata.category(letter) in NO_TEXT for letter in path.name):
        return f"{str(path)!r}: expected a name in one line and without control codes; rename it"
    return ""


def _nested(path: Path, inner: Sequence[Path], files: Sequence[Path]) -> str:
    """What to do about folders in the folder `path` of a class."""
    names = some(folder.name for folder in inner)
    if files:
        return (
            f"{path}: expected images alone, found {len(inner)} folders: {names}; move the "
            f"images of each to '{path}' and remove it, or move it to '{path.parent}' if it is "
            "a class"
        )
    if all(split_of(folder.name) and not folders_in(folder) for folder in inner):
        moves = (
            f"move '{folder}' to '{path.parent / name / path.name}'"
            if name
            else f"move '{folder}' out of '{path.parent}'"
            for folder, name in _plan(inner).items()
        )
        return (
            f"{path}: expected the folders {TRAIN} and {TEST} above those of the classes, found "
            f"{names} in one; {', '.join(moves)}, and remove '{path}'"
        )
    return (
        f"{path}: expected images, found {len(inner)} folders: {names}; if they are classes, "
        f"move them to '{path.parent}' and remove '{path}', else move their images to '{path}' "
        "and remove them"
    )


def _alike(folder: Path, kind: str, paths: Iterable[Path], *, by_letter: bool) -> str:
    """A line if names look alike; `by_letter` only if they are the same letters in two forms.

    Such files become one on a file system that knows both forms as one.
    """
    names = [path.name for path in paths]
    if by_letter:
        forms = defaultdict(list)
        for name in names:
            forms[unicodedata.normalize("NFC", name)].append(name)
        groups = [group for group in forms.values() if len(group) > 1]
    else:
        groups = look_alikes(names)
    if not groups:
        return ""
    return (
        f"{folder}: expected {kind} of names that look different, found "
        f"{', '.join(spelled(group) for group in groups)}; rename one of each"
        + (", or move its images to the other and remove it" if not by_letter else "")
    )
