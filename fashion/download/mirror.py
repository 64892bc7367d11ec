"""Own images: those in `data/raw/` itself, or a mirror of another folder.

A mirror has exactly the files of the other folder; files with equal content are not copied again.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fashion.download.removal import list_unwanted, refuse_data_loss, remove
from fashion.download.sources import SourceError
from fashion.io.files import replacing
from fashion.links import refuse_links
from fashion.listing import is_clutter, refuse_other_encodings
from fashion.names import join_names, with_plural


def mirror(source: str | Path, folder: str | Path) -> str:
    """Make `folder` hold the files of the folder `source`; return a line that says what was done.

    If `source` is `folder` itself, nothing changes. Otherwise links in `source` are followed.

    Raises `SourceError` if `source` has no files, empty folders, links to nothing, pipes or
    devices, if one folder contains the other, or if files of the user in `folder` would be lost;
    `EncodingError` if a name is not UTF-8; `LinkError` if `source` is `folder` and has links.
    """
    source, folder = Path(source).expanduser(), Path(folder)
    inner, outer = source.resolve(), folder.resolve()
    if inner == outer:
        refuse_links(folder)
        return f"{with_plural(len(_files_in(folder)), 'file')} in place in {folder}"
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise SourceError(
            f"download.images in params.yaml: expected {folder} itself, or a folder neither inside "
            f"nor around it, found {source}"
        )
    names = _files_in(source)
    refuse_other_encodings(source, [str(source / name) for name in names])
    if not_files := [name for name in names if not (source / name).is_file()]:
        raise SourceError(
            f"{source}: expected files, found links to nothing, pipes or devices: "
            f"{join_names(not_files)}; remove them"
        )
    others = list_unwanted(folder, names)
    changed = [name for name in names if not _is_equal(source / name, folder / name)]
    refuse_data_loss([*others, *(folder / name for name in changed)], folder)
    removed = remove(others)
    for name in changed:
        with replacing(folder / name) as partial:
            shutil.copyfile(source / name, partial)
    return (
        f"{with_plural(len(names), 'file')} in {folder} as in {source}: {len(changed)} copied, "
        f"{removed} removed; DVC does not notice later changes in {source}: run "
        "`dvc repro --force download` to copy them"
    )


def _files_in(folder: Path) -> list[str]:
    """The names of the files below `folder`; raises `SourceError` if there are none."""
    names = list(_walk(folder)) if folder.is_dir() else []
    if not names:
        raise SourceError(
            f"{folder}: expected images in a folder for each class, found none; put them there "
            "(`dvc pull` fetches those of your team), or name their folder as `images` under "
            "download in params.yaml"
        )
    return names


def _walk(folder: Path) -> Iterator[str]:
    """The names of everything but folders and clutter below `folder`, through links.

    Raises `SourceError` for an empty folder, because a class without images would vanish.
    """
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        _refuse_loops(Path(parent), folders)
        files = sorted(name for name in names if not is_clutter(name))
        if not folders and not files and Path(parent) != folder:
            raise SourceError(f"{parent}: expected images, found none; add some, or remove it")
        yield from (str((Path(parent) / name).relative_to(folder)) for name in files)


def _refuse_loops(parent: Path, folders: list[str]) -> None:
    """Raise `SourceError` for a link to a folder that contains it: the walk would not end."""
    for path in (parent / name for name in folders):
        if path.is_symlink() and path.resolve() in (around.resolve() for around in path.parents):
            raise SourceError(f"{path}: a link to a folder that contains it; remove the link")


def _is_equal(source: Path, target: Path) -> bool:
    return target.is_file() and filecmp.cmp(source, target, shallow=False)
