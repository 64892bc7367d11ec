"""What an interrupted training resumes from: its state after the last complete epoch.

One file that is replaced as a whole, with the key of the run that wrote it: a digest of everything
that determines the run, so that the state of another one is never used. It stands outside DVC's
outputs, which DVC removes before it runs a stage, and is removed when the run has ended.
"""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fashion.files import replacing, sha256
from fashion.guards import ROOT, GuardError, is_edited, loaded_code


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
        if header["key"] != self._key:
            return None
        self._started = time.perf_counter() - header["seconds"]
        print(f"resuming after epoch {len(header['logs'])}, from {self._path}", flush=True)
        return State(header["logs"], arrays)

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Keep the state after `len(logs)` epochs in place of that before."""
        header = {"key": self._key, "seconds": self.seconds, "logs": list(logs)}
        with replacing(self._path) as partial:
            partial.write_bytes(pack(header, arrays))

    def remove(self) -> None:
        """Forget the run, whose results are written."""
        self._path.unlink(missing_ok=True)


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

    Raises `GuardError` if that code is no longer what the files hold.
    """
    code = loaded_code()
    edited = [str(path) for path in code if is_edited(path)]
    if edited:
        raise GuardError(f"{', '.join(edited)} changed after this had started; run it again")
    content = {
        **settings,
        "data": [sha256(path) for path in data],
        "code": {str(path.relative_to(ROOT)): sha256(path) for path in code},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
