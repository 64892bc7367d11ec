"""Run modules as processes in a folder of their own, and measure their time and memory.

A run is timed from the start to the end of the process. Peak memory does not include pages of
memory-mapped files, which the operating system can take back at any time.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, STDOUT
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, NamedTuple

import psutil
from ruamel.yaml import YAML

from fashion.config.loader import assign
from fashion.errors import FashionError
from fashion.io.files import read_json, write_yaml
from tools.checkout import ROOT

POLL_SECONDS = 0.02
MEGABYTE = 1e6


class RunError(FashionError):
    """A process that failed, or an unknown contender."""


class Run(NamedTuple):
    """Wall-clock seconds, peak memory in megabytes without mapped files, and the output."""

    seconds: float
    peak_mb: float
    printed: str


@contextmanager
def workspace(
    changes: Mapping[str, Any] | None = None, data: Path = ROOT / "data"
) -> Iterator[Path]:
    """A temporary folder in which stages can run; see `prepare_folder`."""
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        prepare_folder(folder, changes or {}, data)
        yield folder


def prepare_folder(
    folder: Path, changes: Mapping[str, Any], data: Path, link_name: str = "data"
) -> None:
    """Prepare `folder` for stages: `params.yaml` with `changes`, and a link to the folder `data`.

    `changes` maps dotted keys to values, for example `{"train.seed": 1}`.
    """
    document = YAML(typ="safe").load(ROOT / "params.yaml")
    for name, value in changes.items():
        assign(document, name, value)
    write_yaml(folder / "params.yaml", document)
    link = folder / link_name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(data.resolve(), target_is_directory=True)


def run(module: str, *arguments: str, folder: Path) -> Run:
    """Run `python -m module arguments` of this repository in `folder`.

    Raises `RunError` with its output if it fails.
    """
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    peaks = [0.0]
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=PIPE, stderr=STDOUT, text=True
    ) as process:
        watcher = Thread(target=_watch, args=(process.pid, peaks))
        watcher.start()
        printed = process.communicate()[0]
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        raise RunError(f"{module} failed with {process.returncode}:\n{printed}")
    return Run(seconds, peaks[0], printed)


def training_seconds(network: str, folder: Path) -> float:
    """The seconds that training `network` took in `folder`, interrupted processes included."""
    return float(read_json(folder / f".runs/train@{network}.json")["seconds"])


def _watch(pid: int, peaks: list[float]) -> None:
    """Keep the peak memory of process `pid`, in MB, in `peaks[0]` until the process ends."""
    try:
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            memory = process.memory_info()
            mapped = getattr(memory, "shared", 0)  # not known on macOS
            peaks[0] = max(peaks[0], (memory.rss - mapped) / MEGABYTE)
            time.sleep(POLL_SECONDS)
    except psutil.NoSuchProcess:
        pass
