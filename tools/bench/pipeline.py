"""How long `dvc repro` takes where nothing has changed, and where a figure's code has.

In a clone of this repository's last commit that shares its cache, with what was run compared to
what should. `dvc version`, in turns with them, is what every command of DVC takes to start.
Out: `reports/benchmarks/pipeline.json`. Run: `python -m tools.bench.pipeline`; about a minute.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from fashion import cli
from fashion.files import write_json
from fashion.params.whole import Params
from tools.bench.machine import describe, spread
from tools.bench.runs import RunError
from tools.checkout import ROOT, RUNNING, Checkout

ROUNDS = 5
FIGURES_CODE = "fashion/plots/scores.py"


def main(report: str = "reports/benchmarks/pipeline.json") -> None:
    """Measure each `ROUNDS` times, in turns."""
    plots = [f"plot@{network}" for network in Params.load().models]
    seconds: dict[str, list[float]] = {
        name: [] for name in ("dvc_version", "nothing_changed", "figures_changed")
    }
    with TemporaryDirectory(prefix="bench-") as temporary:
        clone = make_clone(Path(temporary) / "clone")
        figures = clone.folder / FIGURES_CODE
        for _ in range(ROUNDS):
            seconds["dvc_version"].append(timed(clone, "version")[0])
            seconds["nothing_changed"].append(repro(clone, []))
            comment = f"# {time.time_ns()}\n"  # not one that the run cache knows
            figures.write_text(figures.read_text("utf-8") + comment, "utf-8")
            seconds["figures_changed"].append(repro(clone, plots))
    spreads = {name: spread(values) for name, values in seconds.items()}
    write_json(report, {"machine": describe(), **spreads})


def make_clone(folder: Path) -> Checkout:
    """A clone of the last commit with all outputs in place, taken from this repository's cache."""
    clone = Checkout.clone(ROOT, folder, PYTHONDONTWRITEBYTECODE="")
    clone.run("dvc", "cache", "dir", "--local", str(ROOT / ".dvc" / "cache"))
    clone.run("dvc", "checkout", "--allow-missing")  # champions may not be trained here
    return clone


def repro(clone: Checkout, expected: list[str]) -> float:
    """Seconds of `dvc repro`; raises `RunError` if it ran other stages than `expected`."""
    seconds, printed = timed(clone, "repro")
    ran = RUNNING.findall(printed)
    if sorted(ran) != sorted(expected):
        raise RunError(f"expected dvc repro to run {expected}; it ran {ran}:\n{printed}")
    return seconds


def timed(clone: Checkout, command: str) -> tuple[float, str]:
    """Seconds of `dvc command`, and what it printed."""
    start = time.perf_counter()
    printed = clone.run("dvc", command).stdout
    return round(time.perf_counter() - start, 3), printed


if __name__ == "__main__":
    cli.run(main)
