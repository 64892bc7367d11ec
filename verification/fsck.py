"""Re-hash DVC's cache and the outputs in it: does every file hold what its name says?

DVC trusts a cached object that is read-only, and an output whose time and size have not changed,
so a bit that flipped on the disk goes unnoticed and is handed on. Here every byte is read.

A damaged object is removed from the cache, and put back from an intact output if there is one. A
damaged output is marked as changed, so that DVC sees it. `dvc repro` then restores what is missing
from the cache, or makes it again. Exit code 1 if anything was damaged. Run: `make fsck`.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from dvc.repo import Repo

from benchmarks.checkout import ROOT, Checkout
from fashion import command
from fashion.artifacts import replacing
from fashion.digests import md5
from fashion.errors import FashionError

OBJECT = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}(\.dir)?")
READ_ONLY = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH


class DamageError(FashionError):
    """Files that do not hold what they should."""


def main(root: Path = ROOT) -> None:
    """Check the checkout `root` and its cache, and mend what can be mended."""
    checkout = Checkout(root)
    objects = list(cached_objects(Path(Repo(str(root)).cache.local.path)))
    recorded = checkout.recorded()
    found = checkout.found()
    outputs = [path for path, known in found.items() if known != recorded[path]]
    damaged = [path for path in objects if md5(path) != object_name(path)]
    for path in damaged:
        name = object_name(path)
        print(mend_object(path, root, [out for out, known in found.items() if known == name]))
    for out in outputs:
        os.utime(root / out)
        print(f"{out}: is not what dvc.lock records")
    print(f"{len(objects)} cached objects and {len(found)} outputs read")
    if damaged or outputs:
        raise DamageError(
            f"{len(damaged)} cached objects and {len(outputs)} outputs were damaged or changed; "
            "`dvc repro` restores or makes again what is missing"
        )


def cached_objects(cache: Path) -> Iterator[Path]:
    """Every object in the folder `cache`, named by its MD5."""
    for path in sorted(cache.glob("??/*")):
        if OBJECT.fullmatch(path.relative_to(cache).as_posix()):
            yield path


def object_name(path: Path) -> str:
    """The MD5 that the cached object `path` should have."""
    return f"{path.parent.name}{path.name.removesuffix('.dir')}"


def mend_object(path: Path, root: Path, intact: list[str]) -> str:
    """Remove the damaged object `path`, or replace it by the first of the `intact` outputs."""
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.unlink()
    if not intact:
        return f"{object_name(path)}: is damaged in the cache; removed"
    with replacing(path) as partial:
        shutil.copyfile(root / intact[0], partial)
        partial.chmod(READ_ONLY | stat.S_IWUSR)
    path.chmod(READ_ONLY)
    return f"{object_name(path)}: is damaged in the cache; put back from {intact[0]}"


if __name__ == "__main__":
    command.run(main)
