"""How long `dvc repro` takes where nothing has changed, and where a picture's code has.

In a clone of this repository's last commit that shares its cache, with what was run compared to
what should. Out: `reports/benchmarks/pipeline.json`. Run: `python -m benchmarks.pipeline`; about
a minute.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.checkout import ROOT, RUNNING, UP_TO_DATE, Checkout
from benchmarks.machine import describe
from benchmarks.runs import RunError
from benchmarks.summary import spread
from fashion import command
from fashion.artifacts import write_json

ROUNDS = 5


def main(report: str = "reports/benchmarks/pipeline.json", rounds: int = ROUNDS) -> None:
    """Measure both `rounds` times, in turns."""
    nothing, picture = [], []
    with TemporaryDirectory(prefix="bench-") as temporary:
        clone = make_clone(Path(temporary) / "clone")
        figures = clone.folder / "fashion" / "figures.py"
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


def make_clone(folder: Path) -> Checkout:
    """A clone of the last commit with all outputs in place, taken from this repository's cache."""
    clone = Checkout.clone(ROOT, folder, PYTHONDONTWRITEBYTECODE="")
    clone.run("dvc", "cache", "dir", "--local", str(ROOT / ".dvc" / "cache"))
    clone.run("dvc", "checkout")
    return clone


def repro(clone: Checkout, expected: list[str]) -> float:
    """Seconds of `dvc repro`; raises `RunError` if it ran other stages than `expected`."""
    start = time.perf_counter()
    printed = clone.run("dvc", "repro").stdout
    seconds = time.perf_counter() - start
    ran = RUNNING.findall(printed)
    if sorted(ran) != sorted(expected) or (not expected and UP_TO_DATE not in printed):
        raise RunError(f"expected dvc repro to run {expected}; it ran {ran}:\n{printed}")
    return round(seconds, 3)


if __name__ == "__main__":
    command.run(main)
