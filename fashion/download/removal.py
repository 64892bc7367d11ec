"""Removes and replaces files in `data/raw`, but never the only copy of a file.

Users put their own files there. A file is removed or replaced only if DVC's cache holds its
content, so that `dvc checkout` can restore it.
"""

import filecmp
import hashlib
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from fashion.download.sources import SourceError
from fashion.listing import is_clutter
from fashion.names import join_names

UNFINISHED = ".unfinished-"  # prefix of the names that fashion.io.files.replacing writes to


def list_unwanted(folder: Path, wanted: Collection[str]) -> list[Path]:
    """List everything in `folder` except the files `wanted` (names below it), folders first.

    Clutter (`fashion.listing.is_clutter`) next to wanted files is not listed, and links are not
    followed. Raises `SourceError` if `folder` is a file or a link to nothing.
    """
    if folder.is_file():
        raise SourceError(f"{folder}: expected a folder, found a file; move it elsewhere")
    if folder.is_symlink() and not folder.exists():
        raise SourceError(
            f"{folder}: expected a folder, found a link to nothing; mount the disk that it points "
            "to, or remove the link"
        )
    keep = {".", *(str(parent) for name in wanted for parent in Path(name).parents)}
    files = {*wanted}
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        if str(Path(parent).relative_to(folder)) in keep:
            folders[:] = [name for name in folders if not is_clutter(name)]
            names[:] = [name for name in names if not is_clutter(name)]
        found += [
            path
            for path in (Path(parent, name) for name in sorted((*folders, *names)))
            if str(path.relative_to(folder)) not in (keep if is_folder(path) else files)
        ]
    return found


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def refuse_data_loss(paths: Sequence[Path], folder: Path) -> None:
    """Raise `SourceError` if DVC's cache lacks a file among `paths`, which are below `folder`.

    Call it before removing or replacing `paths`. Folders are skipped.
    """
    files = [
        path
        for path in paths
        if os.path.lexists(path) and not is_folder(path) and not path.name.startswith(UNFINISHED)
    ]
    cache = cache_folder() if files else None
    lost = [str(path.relative_to(folder)) for path in files if not _is_cached(path, cache)]
    if lost:
        raise SourceError(
            f"{folder}: these files would be removed or replaced, but DVC's cache does not hold "
            f"them: {join_names(lost)}; move the files that you want to keep out of {folder}, and "
            "delete the others; or, to train on the images in data/raw, write `images: data/raw` "
            "and `files: []` under download in params.yaml"
        )


def cache_folder() -> Path | None:
    """The folder of DVC's cache; None without a DVC repository."""
    command = (sys.executable, "-m", "dvc", "cache", "dir")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode else Path(done.stdout.strip())


def _is_cached(path: Path, cache: Path | None) -> bool:
    """Whether `cache` holds the content of `path` under its MD5, in DVC's documented layout."""
    if cache is None or not path.is_file():
        return False
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    cached = cache / "files/md5" / digest[:2] / digest[2:]
    return cached.is_file() and filecmp.cmp(path, cached, shallow=False)


def remove(paths: Sequence[Path]) -> int:
    """Remove `paths`, as listed by `list_unwanted`; return the number of files among them."""
    files = 0
    for path in reversed(paths):  # the content of a folder before the folder
        if is_folder(path):
            path.rmdir()
        else:
            path.unlink()
            files += 1
    return files
