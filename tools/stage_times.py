"""Stage times: what `make repro` ran, how long each stage took, and where to look next.

In: `.runs/seconds/STAGE`, which each stage writes at its end, and `.runs/started`, whose date is
the start of `make repro`. Run: `python -m tools.stage_times`.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tabulate import tabulate

from fashion import cli

STARTED = Path(".runs/started")
NEXT = (
    "Results: reports/README.md. On a web page: make app. Classify images: make predict IMAGES=FILE"
)


def main() -> None:
    """Print the stages that have ended since the start, in the order of their ends."""
    rows = list(stage_times())
    total = timedelta(seconds=round(sum(seconds for _, seconds in rows)))
    times = [(stage, timedelta(seconds=round(seconds))) for stage, seconds in rows]
    print(tabulate([*times, ("all", total)], ("stage", "time")) if rows else "No stage had to run.")
    print(NEXT)


def stage_times() -> Iterator[tuple[str, float]]:
    """Yield the name and the seconds of each stage that has ended since the start."""
    files = sorted(cli.SECONDS.glob("*"), key=lambda file: file.stat().st_mtime_ns)
    for file in files:
        if file.stat().st_mtime_ns > STARTED.stat().st_mtime_ns:
            yield file.name, float(file.read_text("utf-8"))


if __name__ == "__main__":
    cli.run(main)
