"""How much faster the `mlp` stage is than the plain script, and whether it is as good.

Both as whole processes, in turns, once for each seed: `python -m benchmarks.plain` and
`python -m stages.train mlp`, then (not timed) `python -m stages.evaluate mlp`.
Out: `reports/benchmarks/baseline.json`. Run: `python -m benchmarks.baseline`; about 10 minutes.
"""

from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.runs import run, workspace
from benchmarks.summary import spread
from fashion import command
from fashion.artifacts import read_json, write_json

SEEDS = range(5)


def main(report: str = "reports/benchmarks/baseline.json", seeds: range = SEEDS) -> None:
    """Run both once for each of `seeds`, and write each run's seconds and test accuracy."""
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        with workspace({"train.seed": seed}) as folder:
            pair = {"plain": plain(folder, seed), "mlp": stage(folder)}
        rows.append({"seed": seed, **pair})
        print(f"seed {seed}: {pair}", flush=True)
    ratios = [row["plain"]["seconds"] / row["mlp"]["seconds"] for row in rows]
    summary = {
        name: {key: spread([row[name][key] for row in rows]) for key in ("seconds", "accuracy")}
        for name in ("plain", "mlp")
    }
    write_json(
        report,
        {"machine": describe(), "times_faster": spread(ratios), **summary, "runs": rows},
    )


def plain(folder: Path, seed: int) -> dict[str, Any]:
    """Seconds and test accuracy of the plain script."""
    seconds = run("benchmarks.plain", str(seed), folder=folder).seconds
    scores = read_json(folder / "plain.json")
    return {"seconds": round(seconds, 2), "accuracy": round(scores["accuracy"], 4)}


def stage(folder: Path) -> dict[str, Any]:
    """Seconds and test accuracy of the stage."""
    seconds = run("stages.train", "mlp", folder=folder).seconds
    run("stages.evaluate", "mlp", folder=folder)
    scores = read_json(folder / "reports" / "mlp" / "metrics.json")
    return {"seconds": round(seconds, 2), "accuracy": scores["accuracy"]}


if __name__ == "__main__":
    command.run(main)
