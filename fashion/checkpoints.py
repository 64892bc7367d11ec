"""What an interrupted training goes on from: its state after the last whole epoch.

Two files take turns, so that one whole state is on the disk at any moment, and the one before it
should the newer be damaged. Each holds its own SHA-256 and the key of the run that wrote it, which
is a digest of everything that determines the run: the state of another one is never used.

They stand outside DVC's outputs, which DVC removes before it runs a stage.
"""

import hashlib
import io
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fashion.artifacts import replacing, write_text
from fashion.digests import md5, sha256
from fashion.guards import refuse_edited

FINISHED = "finished"
SLOTS = ("checkpoint-0", "checkpoint-1")
DIGEST_BYTES = hashlib.sha256().digest_size
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("fashion", "stages")


class State(NamedTuple):
    """The logs of each finished epoch, and the arrays that the next one starts from."""

    logs: list[dict[str, float]]
    arrays: list[np.ndarray]


class Checkpoints:
    """The states of the run with `key` in `folder`; `report` is told what was found there."""

    def __init__(self, folder: str | Path, key: str, report: Callable[[str], None] = print):
        self._folder = Path(folder)
        self._key = key
        self._report = report
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The time this run has taken, with that of earlier processes up to their last states."""
        return time.perf_counter() - self._started

    def load(self) -> State | None:
        """The newest whole state of this run, if there is one; `seconds` go on from it."""
        found = [content for slot in SLOTS if (content := self._read(self._folder / slot))]
        if not found:
            return None
        header, arrays = max(found, key=lambda content: len(content[0]["logs"]))
        self._started = time.perf_counter() - header["seconds"]
        self._report(f"goes on after epoch {len(header['logs'])}, from {self._folder}")
        return State(header["logs"], arrays)

    def _read(self, path: Path) -> tuple[dict[str, Any], list[np.ndarray]] | None:
        if not path.exists():
            return None
        content = path.read_bytes()
        payload = content[DIGEST_BYTES:]
        if hashlib.sha256(payload).digest() != content[:DIGEST_BYTES]:
            self._report(f"{path}: is damaged, its SHA-256 is another; it is not used")
            return None
        header, arrays = unpack(payload)
        return (header, arrays) if header["key"] == self._key else None

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Keep the state after `len(logs)` epochs in place of that before the last."""
        header = {"key": self._key, "seconds": self.seconds, "logs": list(logs)}
        payload = pack(header, arrays)
        (self._folder / FINISHED).unlink(missing_ok=True)
        slot = self._folder / SLOTS[len(logs) % len(SLOTS)]
        with replacing(slot) as partial, partial.open("wb") as stream:
            stream.write(hashlib.sha256(payload).digest())
            stream.write(payload)

    def finish(self, result: str | Path) -> None:
        """Note that all this run had to write is there, the file `result` among it."""
        write_text(self._folder / FINISHED, md5(result))

    def forget_recorded(self, lock: str | Path = "dvc.lock") -> None:
        """Forget a finished run whose result is in `lock`: to run it again is to train again.

        One that was killed between its end and DVC's record of it is not forgotten.
        """
        finished = self._folder / FINISHED
        if not (finished.exists() and Path(lock).exists()):
            return
        if finished.read_text("utf-8") in Path(lock).read_text("utf-8"):
            shutil.rmtree(self._folder)


def pack(header: dict[str, Any], arrays: Iterable[np.ndarray]) -> memoryview:
    """One piece of bytes that holds `header`, which JSON can tell, and `arrays` in their order."""
    content = io.BytesIO()
    members = {str(place): array for place, array in enumerate(arrays)}
    np.savez(content, header=np.array(json.dumps(header)), **members)  # type: ignore[arg-type]
    return content.getbuffer()


def unpack(content: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """What `pack` was given; never unpickles."""
    with np.load(io.BytesIO(content), allow_pickle=False) as members:
        arrays = [members[str(place)] for place in range(len(members) - 1)]
        return json.loads(str(members["header"])), arrays


def run_key(determinants: dict[str, Any], data: Iterable[str | Path]) -> str:
    """A digest of `determinants`, of the content of the files `data`, and of the code loaded.

    Raises `GuardError` if that code is no longer what the files hold.
    """
    code = sorted(_project_files())
    refuse_edited(code)
    content = {
        **determinants,
        "data": [sha256(path) for path in data],
        "code": {str(path.relative_to(ROOT)): sha256(path) for path in code},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _project_files() -> set[Path]:
    """The files of this project's modules that this process has imported."""
    files = (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
    paths = {Path(file).resolve() for file in files if file}
    return {path for path in paths if path.parent in {ROOT / package for package in PACKAGES}}
