"""A project to do harm to, and the yardstick: every result, to the byte, as it was before."""

import io
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from ruamel.yaml import YAML

from benchmarks.checkout import ROOT, Checkout
from fashion.checkpoints import DIGEST_BYTES
from fashion.digests import md5
from fashion.errors import FashionError

if TYPE_CHECKING:
    import subprocess

PATIENCE_SECONDS = 300
RESULTS = ("dvc.lock", "data", "models", "reports")
VARYING = {"timing.json", ".gitignore"}
FORCED = ("dvc", "repro", "--force", "--single-item")  # DVC would take the outputs from its cache
SMALL = {"epochs": 20, "batch_size": 512, "steps_per_execution": 8}
TRAININGS = ("train@mlp", "train@cnn")


class FaultError(FashionError):
    """A fault that cost something."""


def small_project(folder: Path) -> Checkout:
    """A repository with this one's code and small networks, reproduced and committed.

    It trains on the 10,000 test images of the real data: a fault is to be survived, not learnt.
    """
    project = Checkout.clone(ROOT, folder)
    document = YAML(typ="safe").load(folder / "params.yaml")
    download, source = document["download"], folder.parent / "idx"
    source.mkdir()
    for name in download["sha256"]:
        original = name.replace("train", "t10k")
        (source / name).symlink_to(ROOT / "data" / "raw" / original)
        download["sha256"][name] = download["sha256"][original]
    download["sources"] = [{"directory": str(source)}]
    for model in document["models"].values():
        model["fit"] |= SMALL
    document["models"]["cnn"]["network"]["filters"] = [4, 4, 8]
    YAML().dump(document, folder / "params.yaml")
    project.run("dvc", "repro")
    project.git("commit", "--quiet", "--all", "--message=Small")
    return project


class Bench:
    """A reproduced project, and copies of it to do harm to."""

    def __init__(self, project: Checkout):
        self.project = project
        self.whole = snapshot(project)

    @contextmanager
    def copy(self) -> Iterator[Checkout]:
        """The project with its outputs and its cache."""
        with TemporaryDirectory(prefix="fault-") as temporary:
            folder = Path(temporary) / "copy"
            shutil.copytree(self.project.folder, folder, symlinks=True)
            yield Checkout(folder)

    @contextmanager
    def clone(self) -> Iterator[Checkout]:
        """The project as Git has it, without outputs and cache."""
        with TemporaryDirectory(prefix="fault-") as temporary:
            yield Checkout.clone(self.project.folder, Path(temporary) / "clone")

    def check_repaired(self, checkout: Checkout, fault: str) -> None:
        """Raise `FaultError` unless `dvc repro` brings every byte back."""
        done = checkout.run("dvc", "repro", check=False)
        if done.returncode:
            raise FaultError(f"{fault}: dvc repro failed:\n{done.stdout}{done.stderr}")
        self.check_whole(checkout, fault)

    def check_whole(self, checkout: Checkout, fault: str) -> None:
        """Raise `FaultError` unless every output is what it was."""
        now = snapshot(checkout)
        differing = sorted(
            path for path in now.keys() | self.whole if now.get(path) != self.whole.get(path)
        )
        if differing:
            raise FaultError(f"{fault}: not what it was: {', '.join(differing)}")


def snapshot(checkout: Checkout) -> dict[str, str]:
    """The MD5 of every result by path, but for those that tell the time."""
    roots = [checkout.folder / name for name in RESULTS]
    files = [file for root in roots for file in (root.rglob("*") if root.is_dir() else [root])]
    return {
        str(file.relative_to(checkout.folder)): md5(file)
        for file in files
        if file.is_file() and file.name not in VARYING
    }


def expect(condition: bool, fault: str, said: str) -> None:
    """Raise `FaultError` with what was `said` unless `condition` holds."""
    if not condition:
        raise FaultError(f"{fault}: {said}")


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait until `condition` holds, while `process` runs."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
            raise FaultError(f"it ended before the fault could strike:\n{process.communicate()[0]}")
        time.sleep(0.01)


def has_checkpoint(checkout: Checkout, run: str) -> bool:
    """Whether the training `run` has finished an epoch."""
    return any((checkout.folder / ".runs" / run).glob("checkpoint-*"))


def epochs_done(checkout: Checkout, run: str) -> int:
    """How many epochs the newest checkpoint of the training `run` is after."""
    counts = [0]
    for slot in (checkout.folder / ".runs" / run).glob("checkpoint-*"):
        with np.load(io.BytesIO(slot.read_bytes()[DIGEST_BYTES:]), allow_pickle=False) as members:
            counts.append(len(json.loads(str(members["header"]))["logs"]))
    return max(counts)


def go_on(bench: Bench, checkout: Checkout, run: str, fault: str) -> None:
    """Raise `FaultError` unless `run` goes on after its last whole epoch, to the same bytes."""
    done = epochs_done(checkout, run)
    said = checkout.run(*FORCED, run).stdout
    expect(f"goes on after epoch {done}," in said, fault, f"{done} epochs were done:\n{said}")
    bench.check_whole(checkout, fault)


@contextmanager
def training(checkout: Checkout, run: str) -> "Iterator[subprocess.Popen[str]]":
    """`dvc repro` in the middle of the training `run`, after its first epoch."""
    shutil.rmtree(checkout.folder / ".runs" / run, ignore_errors=True)
    process = checkout.start(*FORCED, run)
    try:
        wait_for(lambda: has_checkpoint(checkout, run), process)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
