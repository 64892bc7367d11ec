"""Removing and replacing files of `data/raw`: never one that could not be had again.

Users put files there that nothing else holds. A file is removed or replaced only if DVC's cache
holds its content, so that `dvc checkout` brings it back.
"""

import filecmp
import hashlib
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from fashion.download.sources import SourceError
from fashion.listing import is_clutter
from fashion.names import some

UNFINISHED = ".unfinished-"  # the start of names that fashion.io.files.replacing writes to


def others(folder: Path, wanted: Collection[str]) -> list[Path]:
    """What `folder` holds beside the files `wanted` (names below it); a folder before its content.

    Names that `is_clutter` stay where a wanted file stays: they are no data. Links are not
    followed. Raises `SourceError` if `folder` is a file or a link to nothing.
    """
    if folder.is_file():
        raise SourceError(f"{folder}: expected a folder, found a file; move it elsewhere")
    if folder.is_symlink() and not folder.exists():
        raise SourceError(
            f"{folder}: expected a folder, found a link to nothing; mount the disk that it leads "
            "to, or remove the link"
        )
    return list(_others(folder, set(wanted)))


def _others(folder: Path, wanted: set[str]) -> Iterator[Path]:
    keep = {".", *(str(parent) for name in wanted for parent in Path(name).parents)}
    for parent, folders, names in os.walk(folder):
        folders.sort()
        if str(Path(parent).relative_to(folder)) in keep:
            folders[:] = [name for name in folders if not is_clutter(name)]
            names[:] = [name for name in names if not is_clutter(name)]
        for name in sorted((*folders, *names)):
            path = Path(parent, name)
            known = keep if is_folder(path) else wanted
            if str(path.relative_to(folder)) not in known:
                yield path


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def refuse_losses(paths: Sequence[Path], folder: Path) -> None:
    """Raise `SourceError` if a file among `paths` (below `folder`) is not in DVC's cache.

    For `paths` that are about to be removed or replaced; folders count by what they hold.
    """
    there = [path for path in paths if os.path.lexists(path) and not is_folder(path)]
    files = [path for path in there if not path.name.startswith(UNFINISHED)]
    cache = cache_folder() if files else None
    lost = [str(path.relative_to(folder)) for path in files if not _is_cached(path, cache)]
    if lost:
        raise SourceError(
            f"{folder}: these files would be removed or replaced, and DVC's cache does not hold "
            f"them: {some(lost)}. Move the files that you want to keep out of {folder}, and delete "
            "the others. Or, to train on the images in data/raw, write `- images: data/raw` as "
            "the only entry of download.sources in params.yaml, and `files: []`"
        )


def cache_folder() -> Path | None:
    """The folder of DVC's cache as its settings have it; None where DVC has none."""
    command = (sys.executable, "-m", "dvc", "cache", "dir")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode else Path(done.stdout.strip())


def _is_cached(path: Path, cache: Path | None) -> bool:
    """Whether the `cache` holds the content of `path`, under its MD5 as DVC documents it."""
    if cache is None or not path.is_file():
        return False
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    cached = cache / "files/md5" / digest[:2] / digest[2:]
    return cached.is_file() and filecmp.cmp(path, cached, shallow=False)


def remove(paths: Sequence[Path]) -> int:
    """Remove `paths` as `others` gave them; the number of files among them."""
    files = 0
    for path in reversed(paths):  # what is in a folder before the folder
        if is_folder(path):
            path.rmdir()
        else:
            path.unlink()
            files += 1
    return files
