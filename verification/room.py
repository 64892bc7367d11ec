"""Faults of room: files that may not grow, and a file system that is full."""

import json
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.checkout import Checkout
from verification.bench import PATIENCE_SECONDS, Bench, expect

FILE_LIMIT = 600  # bytes; each stage writes a larger file
PARTIAL = ".unfinished*"
STAGES = ("download", "preprocess", "train@mlp", "evaluate@mlp", "plot@mlp")


def limit_files() -> None:
    """Let no file of this process grow beyond `FILE_LIMIT` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))


def forbid_large_files(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A limit on file sizes (as a quota sets it) in each stage."""
    for stage in STAGES:
        with bench.copy() as checkout:
            starve(checkout, stage, preexec_fn=limit_files)
            bench.check_repaired(checkout, f"file size limit in {stage}")
        yield stage


def fill_disk(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A disk without a free page in each stage: a small file system of its own."""
    for stage in STAGES:
        with TemporaryDirectory(prefix="fault-") as mount:
            arguments = [str(bench.project.folder), mount, stage]
            done = bench.project.run(
                "unshare", "--user", "--map-root-user", "--mount",
                sys.executable, "-m", "verification.full_disk", *arguments,
            )  # fmt: skip
            expect(json.loads(done.stdout) == bench.whole, f"full disk in {stage}", "other bytes")
        yield stage


def can_mount() -> bool:
    """Whether this machine lets users make file systems of their own."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "t", "/mnt"]
    if not shutil.which("unshare"):
        return False
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def starve(
    checkout: Checkout, stage: str, before: Callable[[], object] = bool, **options: Any
) -> None:
    """Run `stage` as DVC does, with its outputs removed and no room for new ones.

    `before` is called, and `options` of the process are set, to take the room away. Raises
    `FaultError` unless it fails with the system's reason and leaves nothing half made.
    """
    outputs = [checkout.folder / out["path"] for out in checkout.lock()[stage]["outs"]]
    for path in outputs:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before()
    name, _, network = stage.partition("@")
    arguments = [network] if network else []
    process = checkout.start(sys.executable, "-m", f"stages.{name}", *arguments, **options)
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    expect(process.returncode == 1, f"no room in {stage}", f"exit {process.returncode}:\n{said}")
    expect("the system refused: " in said, f"no room in {stage}", said)
    expect("Traceback" not in said, f"no room in {stage}", said)
    left = [path for path in checkout.folder.rglob(PARTIAL) if path.is_file()]
    expect(not left, f"no room in {stage}", f"left behind: {left}")
