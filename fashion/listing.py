"""Contents of a folder of the user, without what operating systems and archivers leave there."""

import os
from collections.abc import Iterable
from pathlib import Path

from fashion.errors import FashionError
from fashion.names import join_names

# As in `.dvcignore`: files that no stage reads must not cause a rerun.
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found")


class EncodingError(FashionError):
    """The name of a file or folder is not UTF-8."""


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is never data: hidden, a backup, or of the system.

    >>> [is_clutter(name) for name in ("Thumbs.db", ".DS_Store", "a.png~", "a.png")]
    [True, True, True, False]
    """
    return name.startswith(".") or name.endswith("~") or name.casefold() in LEFT_BEHIND


def check_utf8(folder: str | Path) -> None:
    """Raise `EncodingError` if names of files and folders below `folder` are not UTF-8.

    Archives made on Windows may have such names on Linux, and DVC's own error does not name them.
    Links to folders are not followed.
    """
    paths: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        names = [*folders, *(name for name in sorted(files) if not is_clutter(name))]
        paths += [str(Path(parent, name)) for name in names if not _is_utf8(name)]
    refuse_other_encodings(folder, paths)


def refuse_other_encodings(folder: str | Path, paths: Iterable[str]) -> None:
    """Raise `EncodingError` if some of `paths`, which are in `folder`, are not UTF-8."""
    found = [path for path in paths if not _is_utf8(path)]
    if found:
        raise EncodingError(
            f"{folder}: expected names in UTF-8, found {join_names(found)}; "
            f"rename {'them' if len(found) > 1 else 'it'}"
        )


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # Python represents such bytes by surrogates
        return False
    return True
