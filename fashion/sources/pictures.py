"""Own pictures in `data/raw/`: those that are there already, or a mirror of another folder.

A mirror has the files of the other folder and no others; a file of the same size and content stays
as it is. Who has pictures in `data/raw` itself changes them there, and nothing here touches them.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fashion.files import replacing
from fashion.sources.locations import SourceError


def bring(source: str | Path, folder: str | Path) -> str:
    """Make `folder` hold the files of the folder `source`; say in one line what was done.

    Where `source` is `folder` itself, nothing is changed. Names that begin with a dot are no files.
    Raises `SourceError` if `source` holds no file or is a part of `folder`.
    """
    source, folder = Path(source).expanduser(), Path(folder)
    if source.resolve() == folder.resolve():
        return f"{len(_files_of(folder))} files in place in {folder}"
    inner, outer = source.resolve(), folder.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise SourceError(
            f"download.sources: expected {folder} itself, or a folder that is neither in it nor "
            f"around it, received {source}"
        )
    wanted = _files_of(source)
    gone = _remove_others(folder, wanted)
    copied = [name for name in wanted if _copy(source / name, folder / name)]
    return (
        f"{len(wanted)} files in {folder} as in {source}: {len(copied)} copied, {gone} others "
        "removed"
    )


def _files_of(folder: Path) -> list[str]:
    found = list(_files(folder)) if folder.is_dir() else []
    if not found:
        raise SourceError(
            f"{folder}: expected pictures, in a folder for each class, received none; put them "
            "there (`dvc pull` brings those of a colleague), or name their folder in params.yaml: "
            "download.sources: `- pictures: FOLDER`"
        )
    return found


def _files(folder: Path) -> Iterator[str]:
    """The names below `folder`, without those in hidden folders."""
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield str((Path(parent) / name).relative_to(folder))


def _remove_others(folder: Path, wanted: list[str]) -> int:
    kept, folders = set(wanted), {str(parent) for name in wanted for parent in Path(name).parents}
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder before the folder
        name = str(path.relative_to(folder))
        if path.is_dir() and not path.is_symlink():
            if name not in folders:
                path.rmdir()
        elif name not in kept:
            path.unlink()
            removed += 1
    return removed


def _copy(source: Path, target: Path) -> bool:
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return False
    with replacing(target) as partial:
        shutil.copyfile(source, partial)
    return True
