"""How long the `cnn` trains, and how good it is when: the whole training, once for each seed.

Seed by seed `python -m stages.train cnn`, timed, then `python -m stages.evaluate cnn`; all else
as in `params.yaml`. Validation accuracies are dated as they are printed, so the seconds to
reach one count from the start of the process. (`benchmarks.seeds` judges all networks, untimed.)
Out: `reports/benchmarks/training.json`. Run: `python -m benchmarks.training`; about 50 minutes.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.runs import Line, run, workspace
from benchmarks.seeds import SEEDS, settings
from benchmarks.summary import spread
from fashion import command
from fashion.artifacts import read_json, write_json
from fashion.params import load_params

NETWORK = "cnn"
TARGETS = (0.94, 0.95)
EPOCH = re.compile(r"val_accuracy: ([0-9.]+)")


def main(report: str = "reports/benchmarks/training.json", seeds: range = SEEDS) -> None:
    """Train and judge the `cnn` with each of `seeds`; the file is written anew after each."""
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        with workspace({"train.seed": seed}) as folder:
            rows.append({"seed": seed, **train_and_judge(folder)})
        print(rows[-1], flush=True)
        of = {"machine": describe(), "settings": settings(load_params(), NETWORK)}
        write_json(report, {**of, **summarize(rows), "runs": rows})


def train_and_judge(folder: Path) -> dict[str, Any]:
    """One seed's test accuracies and seconds."""
    lines = run("stages.train", NETWORK, folder=folder).lines
    run("stages.evaluate", NETWORK, folder=folder)
    results = folder / "reports" / NETWORK
    scores = read_json(results / "metrics.json")
    return {
        "accuracy": scores["accuracy"],
        "single_view_accuracy": scores["single_view_accuracy"],
        "loss": scores["loss"],
        "training_seconds": read_json(results / "timing.json")["seconds"],
        **{f"seconds_to_{target:.0%}": seconds_to(target, lines) for target in TARGETS},
    }


def seconds_to(target: float, lines: Iterable[Line]) -> float | None:
    """When a validation accuracy of `target` or more was first printed; None if it never was."""
    for line in lines:
        found = EPOCH.search(line.text)
        if found and float(found[1]) >= target:
            return round(line.seconds, 1)
    return None


def summarize(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The spread over seeds of each column, and of the times over those seeds that have one."""
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "seed"}
    known = {name: [v for v in values if v is not None] for name, values in columns.items()}
    return {name: spread(values) for name, values in known.items() if values}


if __name__ == "__main__":
    command.run(main)
