"""Own images in `data/raw/`: those that are there already, or a mirror of another folder.

A mirror has the files of the other folder and no others; a file of the same content stays as it is.
Who has images in `data/raw` itself changes them there, and nothing here touches them.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fashion.download.removal import others, refuse_losses, remove
from fashion.download.sources import SourceError
from fashion.io.files import replacing
from fashion.links import refuse_links
from fashion.listing import is_clutter, refuse_other_encodings
from fashion.names import some


def mirror(source: str | Path, folder: str | Path) -> str:
    """Make `folder` hold the files of the folder `source`; say in one line what was done.

    Where `source` is `folder` itself, nothing is changed. Links in another `source` are followed.
    Raises `SourceError` if `source` holds no file, or something that is none, or is a part of
    `folder`, or if a file in `folder` would be lost; `EncodingError` if a name is not UTF-8; and
    `LinkError` if `folder` itself is the source and holds links.
    """
    source, folder = Path(source).expanduser(), Path(folder)
    if source.resolve() == folder.resolve():
        refuse_links(folder)
        return f"{len(_files_of(folder))} files in place in {folder}"
    inner, outer = source.resolve(), folder.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise SourceError(
            f"download.images: expected {folder} itself, or a folder that is neither in it nor "
            f"around it, received {source}"
        )
    wanted = _files_of(source)
    refuse_other_encodings(source, [str(source / name) for name in wanted])
    if odd := [name for name in wanted if not (source / name).is_file()]:
        raise SourceError(
            f"{source}: expected files, found links to nothing, pipes or devices: {some(odd)}; "
            "remove them"
        )
    rest = others(folder, wanted)
    changed = [name for name in wanted if not _is_same(source / name, folder / name)]
    refuse_losses([*rest, *(folder / name for name in changed)], folder)
    removed = remove(rest)
    for name in changed:
        with replacing(folder / name) as partial:
            shutil.copyfile(source / name, partial)
    return (
        f"{len(wanted)} files in {folder} as in {source}: {len(changed)} copied, {removed} others "
        f"removed; DVC does not see later changes in {source}, `dvc repro --force download` copies "
        "them"
    )


def _files_of(folder: Path) -> list[str]:
    found = list(_files(folder)) if folder.is_dir() else []
    if not found:
        raise SourceError(
            f"{folder}: expected images, in a folder for each class, received none; put them "
            "there (`dvc pull` brings those of a colleague), or name their folder in params.yaml: "
            "download.images"
        )
    return found


def _files(folder: Path) -> Iterator[str]:
    """The names below `folder` of what is data there; links are followed."""
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        _refuse_loops(Path(parent), folders)
        for name in sorted(names):
            if not is_clutter(name):
                yield str((Path(parent) / name).relative_to(folder))


def _refuse_loops(parent: Path, folders: list[str]) -> None:
    """Raise `SourceError` for a link to a folder around it: the copy would not end."""
    for path in (parent / name for name in folders):
        around = (folder.resolve() for folder in path.parents)
        if path.is_symlink() and path.resolve() in around:
            raise SourceError(f"{path}: a link to a folder that it is in; remove the link")


def _is_same(source: Path, target: Path) -> bool:
    return target.is_file() and filecmp.cmp(source, target, shallow=False)
