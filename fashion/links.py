"""Links in a folder of data, which DVC does not record as they are read."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fashion.errors import FashionError
from fashion.listing import is_clutter
from fashion.names import some

# What `cache.type: symlink` makes of the files of an output; DVC documents this layout.
IN_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")


class LinkError(FashionError):
    """A link in a folder of data."""


def refuse_links(folder: str | Path) -> None:
    """Raise `LinkError` if there are links in `folder`; it may be one itself, which DVC follows.

    DVC hashes a link to a folder as an empty folder, and `dvc push` uploads none of what is in it
    (github.com/treeverse/dvc/issues/10237). It puts a copy in the place of a link to a file. In
    either case images that change behind the link would not be seen. Links to DVC's own cache pass.
    """
    folder = Path(folder)
    links = [path for path in _links(folder) if not IN_CACHE.search(str(path.readlink()))]
    broken = [path for path in links if not path.exists()]
    if broken:
        raise LinkError(
            f"{folder}: expected files and folders, found links to nothing: "
            f"{some(path.relative_to(folder) for path in broken)}; remove them"
        )
    if links:
        aside = folder.with_name("links")
        raise LinkError(
            f"{folder}: expected files and folders, found links: "
            f"{some(path.relative_to(folder) for path in links)}; DVC does not see what changes "
            f"behind them. To copy what they lead to, `mv {folder} {aside}` and write "
            f"`images: {aside}` under download in params.yaml. Or make {folder} itself "
            "a link, to one folder that holds all of it: DVC follows that"
        )


def _links(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        for name in (*folders, *sorted(names)):
            path = Path(parent, name)
            if path.is_symlink() and not is_clutter(name):
                yield path
