"""How long work took, and on what: the one kind of result that differs from run to run.

It is kept apart from everything that DVC hashes, with the fingerprint of the result it was taken
of: DVC may restore an earlier result from its cache, which would stand beside another's time.
"""

import hashlib
import platform
import time
from pathlib import Path
from typing import Any


class Stopwatch:
    """A `with` block whose wall-clock length is `seconds` afterwards."""

    seconds = 0.0

    def __enter__(self) -> "Stopwatch":
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._start


def make_record(seconds: float, threads: int, result: Path) -> dict[str, Any]:
    """The seconds it took to make the file `result`, and the processor and threads it took."""
    return {
        "seconds": round(seconds, 1),
        "threads": threads,
        "cpu": cpu_name(),
        "result_sha256": fingerprint(result),
    }


def belongs(record: dict[str, Any], result: Path) -> bool:
    """Whether `record` was made for the content that the file `result` has now."""
    return record.get("result_sha256") == fingerprint(result)


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's content in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cpu_name() -> str:
    """The processor's own name where the system tells it, else its architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
