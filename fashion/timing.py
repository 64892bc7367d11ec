"""How long work took, and on what: the one kind of result that differs from run to run."""

import platform
import time
from pathlib import Path


class Stopwatch:
    """A `with` block whose wall-clock length is `seconds` afterwards."""

    seconds = 0.0

    def __enter__(self) -> "Stopwatch":
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._start

    def report(self, threads: int) -> dict[str, str | int | float]:
        """The seconds, with the processor and the number of threads they were taken on."""
        return {"seconds": round(self.seconds, 1), "threads": threads, "cpu": cpu_name()}


def cpu_name() -> str:
    """The processor's own name where the system tells it, else its architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
