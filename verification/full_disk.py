"""Starve one stage on a full file system of its own, then give it room again.

For `verification.room`, which runs it by `unshare`, so that the mount is this process's alone.
In: a project, an empty folder, a stage. Out: as JSON, the MD5 of every result after `dvc repro`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.checkout import Checkout
from verification.bench import snapshot
from verification.room import starve

PIECE = bytes(4096)


def main(project: str, mount: str, stage: str) -> None:
    """Copy `project` to a file system on `mount` and run `stage` there without and with room."""
    used = sum(path.stat().st_size for path in Path(project).rglob("*") if path.is_file())
    size = f"size={2 * used + (64 << 20)}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", mount], check=True)
    checkout = Checkout(Path(mount) / "copy")
    shutil.copytree(project, checkout.folder, symlinks=True)
    ballast = Path(mount) / "ballast"
    starve(checkout, stage, before=lambda: fill(ballast))
    ballast.unlink()
    checkout.run("dvc", "repro")
    print(json.dumps(snapshot(checkout)))


def fill(path: Path) -> None:
    """Write to `path` until the disk is full to the last page."""
    with path.open("wb", buffering=0) as stream:
        os.posix_fallocate(stream.fileno(), 0, shutil.disk_usage(path.parent).free)
        try:
            while True:
                stream.seek(0, os.SEEK_END)
                stream.write(PIECE)
        except OSError:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
