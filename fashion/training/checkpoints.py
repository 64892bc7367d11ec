"""What an interrupted training resumes from: its state after the last complete epoch.

One file that is replaced as a whole, with the key of the run that wrote it: a digest of everything
that determines the run, so that the state of another one is never used. It stands outside DVC's
outputs, which DVC removes before it runs a stage.

DVC records a result after the command has ended, and may fail to: it is killed, or the disk is
full. So the last state stays, and the same run, started again, ends at once with the same bytes.
Once a `dvc.lock` lists the result, the state is not used any more, and `dvc repro --force` trains.
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
    """The logs of each finished epoch, and the arrays that the next one starts from."""

    logs: list[dict[str, float]]
    arrays: list[np.ndarray]


class Checkpoint:
    """The state of the run with `key` in the file `path`."""

    def __init__(self, path: str | Path, key: str):
        self._path = Path(path)
        self._key = key
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The time this run has taken, with that of earlier processes up to their last states."""
        return time.perf_counter() - self._started

    def load(self) -> State | None:
        """The state of this run, if there is one; `seconds` go on from it."""
        if not self._path.exists():
            return None
        try:
            header, arrays = unpack(self._path.read_bytes())
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            print(f"{self._path}: damaged ({error}); training starts over", flush=True)
            return None
        if header["key"] != self._key or is_recorded(header.get("result")):
            return None
        self._started = time.perf_counter() - header["seconds"]
        print(
            f"resuming after epoch {len(header['logs'])}, from {self._path}; remove this file to "
            "train from the start",
            flush=True,
        )
        return State(header["logs"], arrays)

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Keep the state after `len(logs)` epochs in place of that before."""
        header = {"key": self._key, "seconds": self.seconds, "logs": list(logs)}
        self._write(header, arrays)

    def finish(self, result: str | Path) -> None:
        """Give up the state of a run that has written `result`, which tells its results.

        Where DVC has started the run, the state stays until a `dvc.lock` lists `result`.
        """
        if "DVC_STAGE" not in os.environ:
            self._path.unlink(missing_ok=True)
        elif self._path.exists():
            header, arrays = unpack(self._path.read_bytes())
            self._write(header | {"result": md5(result)}, arrays)

    def _write(self, header: dict[str, Any], arrays: Iterable[np.ndarray]) -> None:
        with replacing(self._path) as partial:
            partial.write_bytes(pack(header, arrays))


def md5(path: str | Path) -> str:
    """The digest of the file `path` that DVC lists."""
    return hashlib.md5(Path(path).read_bytes(), usedforsecurity=False).hexdigest()


def is_recorded(result: str | None) -> bool:
    """Whether a `dvc.lock` of this folder, or of one in it, lists a file with the MD5 `result`."""
    locks = [*Path().glob("dvc.lock"), *Path().glob("*/dvc.lock")]
    return bool(result) and any(f"md5: {result}" in lock.read_text("utf-8") for lock in locks)


def pack(header: dict[str, Any], arrays: Iterable[np.ndarray]) -> bytes:
    """`header` (what JSON can hold) and `arrays` in their order; the zip format has checksums."""
    content = io.BytesIO()
    members = {str(place): array for place, array in enumerate(arrays)}
    np.savez(content, header=np.array(json.dumps(header)), **members)  # type: ignore[arg-type]
    return content.getvalue()


def unpack(content: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """What `pack` was given; never unpickles."""
    with np.load(io.BytesIO(content), allow_pickle=False) as members:
        arrays = [members[str(place)] for place in range(len(members) - 1)]
        return json.loads(str(members["header"])), arrays


def run_key(settings: dict[str, Any], data: Iterable[str | Path]) -> str:
    """A digest of `settings`, of the content of the files `data`, and of the code loaded.

    Raises `CodeVersionError` if that code is no longer what the files hold.
    """
    code, edited = loaded_code(), edited_code()
    if edited:
        raise CodeVersionError(
            "source code changed between the start of the program and that of the training; run "
            f"it again: {', '.join(edited)}"
        )
    content = {
        **settings,
        "data": [sha256(path) for path in data],
        "code": {str(path.relative_to(ROOT)): sha256(path) for path in code},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
