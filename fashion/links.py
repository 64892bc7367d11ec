"""Refuses links in a data folder, because DVC does not record what they point to."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fashion.errors import FashionError
from fashion.listing import is_clutter
from fashion.names import join_names

# The target of a link that DVC makes itself if `cache.type` is `symlink`.
IN_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")


class LinkError(FashionError):
    """A link in a folder of data."""


def refuse_links(folder: str | Path) -> None:
    """Raise `LinkError` if there are links in `folder`, except links to DVC's cache.

    DVC hashes a link to a folder as an empty folder, and `dvc push` uploads nothing of it
    (github.com/treeverse/dvc/issues/10237). It replaces a link to a file by a copy. In both cases
    it would not notice that images change behind the link. `folder` itself may be a link, which
    DVC follows.
    """
    folder = Path(folder)
    links = [path for path in _links(folder) if not IN_CACHE.search(str(path.readlink()))]
    if broken := [path for path in links if not path.exists()]:
        raise LinkError(
            f"{folder}: expected files and folders, found links to nothing: "
            f"{join_names(path.relative_to(folder) for path in broken)}; remove them"
        )
    if links:
        aside = folder.with_name("links")
        raise LinkError(
            f"{folder}: expected files and folders, found links: "
            f"{join_names(path.relative_to(folder) for path in links)}; DVC does not notice "
            f"changes behind links; to copy their targets, run `mv {folder} {aside}` and write "
            f"`images: {aside}` under download in params.yaml; or replace {folder} itself by a "
            "link to a folder without links"
        )


def _links(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        for name in (*folders, *sorted(names)):
            path = Path(parent, name)
            if path.is_symlink() and not is_clutter(name):
                yield path
