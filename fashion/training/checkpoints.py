"""Checkpoints: the state after the last complete epoch, from which a training resumes.

A checkpoint is one file, replaced as a whole. It holds the key of its run, a digest of everything
that determines the result, so the state of another run is never used. It lies outside DVC's
outputs, because DVC removes those before it runs a stage.

DVC records a result after the command has ended, and may fail to: it is killed, or the disk is
full. So the final state is kept. If the same run is started again, it ends at once with the same
bytes. Once a `dvc.lock` lists the result, the state is no longer used: `dvc repro --force` trains.
"""

import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fashion.code_version import ROOT, CodeVersionError, edited_code, loaded_code
from fashion.io.files import replacing, sha256


class State(NamedTuple):
    """The logs of each complete epoch, and the arrays that the next epoch starts from."""

    logs: list[dict[str, float]]
    arrays: list[np.ndarray]


class Checkpoint:
    """The state of the run with `key`, in the file `path`."""

    def __init__(self, path: str | Path, key: str):
        self._path = Path(path)
        self._key = key
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The duration of this run, including that of interrupted processes up to their state."""
        return time.perf_counter() - self._started

    def load(self) -> State | None:
        """The state of this run, or None; `seconds` continue from it."""
        if not self._path.exists():
            return None
        try:
            header, arrays = unpack(self._path.read_bytes())
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            print(f"{self._path}: damaged ({error}); training starts over", flush=True)
            return None
        if header["key"] != self._key or _is_recorded(header.get("result")):
            return None
        self._started = time.perf_counter() - header["seconds"]
        print(
            f"resuming after epoch {len(header['logs'])}, from {self._path}; remove this file to "
            "train from the start",
            flush=True,
        )
        return State(header["logs"], arrays)

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Replace the state by that after `len(logs)` epochs."""
        header = {"key": self._key, "seconds": self.seconds, "logs": list(logs)}
        self._write(header, arrays)

    def finish(self, result: str | Path) -> None:
        """Remove the state of a run that has written the file `result`.

        If DVC started the run, the state stays until a `dvc.lock` lists `result`, whose content
        must differ between runs with different results.
        """
        if "DVC_STAGE" not in os.environ:
            self._path.unlink(missing_ok=True)
        elif self._path.exists():
            header, arrays = unpack(self._path.read_bytes())
            digest = hashlib.md5(Path(result).read_bytes(), usedforsecurity=False).hexdigest()
            self._write(header | {"result": digest}, arrays)

    def _write(self, header: dict[str, Any], arrays: Iterable[np.ndarray]) -> None:
        with replacing(self._path) as partial:
            partial.write_bytes(pack(header, arrays))


def _is_recorded(digest: str | None) -> bool:
    """Whether `dvc.lock`, here or one folder below, lists a file with this MD5 digest."""
    locks = [*Path().glob("dvc.lock"), *Path().glob("*/dvc.lock")]
    return bool(digest) and any(f"md5: {digest}" in lock.read_text("utf-8") for lock in locks)


def pack(header: dict[str, Any], arrays: Iterable[np.ndarray]) -> bytes:
    """`header` (JSON values) and `arrays` in order, as `.npz`, which has checksums."""
    content = io.BytesIO()
    members = {str(index): array for index, array in enumerate(arrays)}
    np.savez(content, header=np.array(json.dumps(header)), **members)  # type: ignore[arg-type]
    return content.getvalue()


def unpack(content: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The header and arrays that `pack` was given; never unpickles."""
    with np.load(io.BytesIO(content), allow_pickle=False) as members:
        arrays = [members[str(index)] for index in range(len(members) - 1)]
        return json.loads(str(members["header"])), arrays


def run_key(settings: dict[str, Any], data: Iterable[str | Path]) -> str:
    """A digest of `settings`, of the content of the files `data`, and of the loaded code.

    Raises `CodeVersionError` if a file of that code has changed since it was loaded.
    """
    if edited := edited_code():
        raise CodeVersionError(
            f"source code changed since the program started; run it again: {', '.join(edited)}"
        )
    content = {
        **settings,
        "data": [sha256(path) for path in data],
        "code": {str(path.relative_to(ROOT)): sha256(path) for path in loaded_code()},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
