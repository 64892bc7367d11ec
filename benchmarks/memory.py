"""How much memory each stage takes, beside the budget that it may take.

Every stage of every network runs once, as a process of its own, on the whole data; trainings run
for one epoch, since later ones take no more. Pages of mapped files are not counted.
Out: `reports/benchmarks/memory.json`; exit code 1 if a stage exceeds its budget.
Run: `python -m benchmarks.memory`; about 2 minutes.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.checkout import ROOT
from benchmarks.machine import describe
from benchmarks.runs import run, workspace
from fashion import command
from fashion.artifacts import write_json
from fashion.errors import FashionError
from fashion.params import load_params

BUDGET_MB = {"download": 60, "preprocess": 100, "train": 1000, "evaluate": 600, "plot": 250}
ONCE = ("download", "preprocess")


class BudgetError(FashionError):
    """A stage that takes more memory than it may."""


def main(report: str = "reports/benchmarks/memory.json") -> None:
    """Measure every stage, and compare it with `BUDGET_MB`."""
    networks = [(network,) for network in load_params().models]
    one_epoch = {f"models.{network}.fit.epochs": 1 for (network,) in networks}
    source = {"download.sources": [{"directory": str(ROOT / "data" / "raw")}]}
    runs = [(stage, *rest) for stage in BUDGET_MB for rest in ([()] if stage in ONCE else networks)]
    stages: list[dict[str, Any]] = []
    with (
        TemporaryDirectory(prefix="bench-") as data,
        workspace(one_epoch | source, Path(data)) as folder,
    ):
        for stage, *arguments in runs:
            peak = run(f"stages.{stage}", *arguments, folder=folder).peak_mb
            budget = BUDGET_MB[stage]
            name = "@".join([stage, *arguments])
            stages.append({"stage": name, "peak_mb": round(peak), "budget_mb": budget})
            print(stages[-1], flush=True)
    write_json(report, {"machine": describe(), "stages": stages})
    check(stages)


def check(stages: list[dict[str, Any]]) -> None:
    """Raise `BudgetError` if a stage took more than its budget."""
    over = [row["stage"] for row in stages if row["peak_mb"] > row["budget_mb"]]
    if over:
        raise BudgetError(f"more memory than the budget in benchmarks/memory.py: {', '.join(over)}")


if __name__ == "__main__":
    command.run(main)
