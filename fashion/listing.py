"""Names of files and folders that are no data, and names that the pipeline cannot keep.

No stage depends on this module: `.dvcignore` has the same names, so DVC sees when a change of them
changes the data, and the checks change no output.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from fashion.errors import FashionError
from fashion.names import some

# `.dvcignore` lists the same names, so that a file that no stage reads reruns none.
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found")


class EncodingError(FashionError):
    """The name of a file or folder that the pipeline cannot keep."""


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is never data: hidden, a backup, or the system's.

    >>> [is_clutter(name) for name in ("Thumbs.db", ".DS_Store", "a.png~", "a.png")]
    [True, True, True, False]
    """
    return name.startswith(".") or name.endswith("~") or name.casefold() in LEFT_BEHIND


def check_utf8(folder: str | Path) -> None:
    """Raise `EncodingError` if names of files and folders below `folder` are not UTF-8.

    Archives made on Windows leave such names on Linux; DVC ends with a message that names none.
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
            f"{folder}: expected names in UTF-8, found {some(found)}; "
            f"rename {'them' if len(found) > 1 else 'it'}"
        )


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # os.walk has put surrogates in the place of bytes
        return False
    return True
