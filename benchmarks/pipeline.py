"""How long `dvc repro` takes where nothing has changed, and where a picture's code has.

In a clone of this repository's last commit that shares its cache, with what was run compared to
what should. Out: `reports/benchmarks/pipeline.json`. Run: `python -m benchmarks.pipeline`; about
a minute.
"""

import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import describe
from benchmarks.runs import ROOT, RunError
from benchmarks.summary import spread
from fashion import command
from fashion.artifacts import write_json

ROUNDS = 5
UP_TO_DATE = "Data and pipelines are up to date."


def main(report: str = "reports/benchmarks/pipeline.json", rounds: int = ROUNDS) -> None:
    """Measure both `rounds` times, in turns."""
    nothing, picture = [], []
    with TemporaryDirectory(prefix="bench-") as temporary:
        clone = Path(temporary) / "clone"
        make_clone(clone)
        figures = clone / "fashion" / "figures.py"
        for turn in range(rounds):
            nothing.append(repro(clone, []))
            figures.write_text(f"{figures.read_text('utf-8')}# {turn}\n", "utf-8")
            picture.append(repro(clone, ["plot@mlp", "plot@cnn"]))
    write_json(
        report,
        {
            "machine": describe(),
            "nothing_changed": spread(nothing),
            "figures_changed": spread(picture),
        },
    )


def make_clone(clone: Path) -> None:
    """A clone of the last commit with all outputs in place, taken from this repository's cache."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    call(clone, "cache", "dir", "--local", str(ROOT / ".dvc" / "cache"))
    call(clone, "checkout")


def repro(clone: Path, expected: list[str]) -> float:
    """Seconds of `dvc repro`; raises `RunError` if it ran other stages than `expected`."""
    start = time.perf_counter()
    printed = call(clone, "repro")
    seconds = time.perf_counter() - start
    ran = [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage")]
    if sorted(ran) != sorted(expected) or (not expected and UP_TO_DATE not in printed):
        raise RunError(f"expected dvc repro to run {expected}; it ran {ran}:\n{printed}")
    return round(seconds, 3)


def call(clone: Path, *arguments: str) -> str:
    """What `dvc arguments` printed."""
    done = subprocess.run(
        ["dvc", *arguments], cwd=clone, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RunError(f"dvc {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    command.run(main)
