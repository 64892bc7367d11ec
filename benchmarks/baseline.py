"""Time and accuracy of the `mlp` stage, compared with a plain Keras script.

Each contender runs as a process of its own, in turns, once per seed: `benchmarks.plain` with
Keras' default batch size and learning rate, the same script with the batch size and
learning rate of the stage, and
`stages.train mlp`. Its evaluation is not timed.
Out: `reports/benchmarks/baseline.json`. Run: `python -m benchmarks.baseline`; about 12 minutes.
"""

from pathlib import Path

from benchmarks.machine import describe, spread_statistics
from benchmarks.runs import run, workspace
from fashion import cli
from fashion.config.model import Model
from fashion.io.files import read_json, write_json

NETWORK = "mlp"
KERAS_DEFAULTS = (32, 0.001)  # batch size and learning rate
SEEDS = range(5)


def main(report: str = "reports/benchmarks/baseline.json") -> None:
    """Run each contender with each of `SEEDS`, and write the seconds and accuracy of each run."""
    fit = Model.load(NETWORK).fit
    equal = (fit.batch_size, fit.learning_rate)
    labels = [f"plain script, batch size {size}" for size, _ in (KERAS_DEFAULTS, equal)]
    labels.append(f"`stages.train {NETWORK}`, batch size {fit.batch_size}")
    runs: dict[str, list[dict[str, float]]] = {label: [] for label in labels}
    for seed in SEEDS:
        with workspace({"train.seed": seed}) as folder:
            measured = [
                plain(folder, seed, *KERAS_DEFAULTS),
                plain(folder, seed, *equal),
                stage(folder),
            ]
        for label, figures in zip(labels, measured, strict=True):
            runs[label].append({"seed": seed, **figures})
            print(label, runs[label][-1], flush=True)
    contenders = {
        label: {
            name: spread_statistics([row[name] for row in rows]) for name in ("seconds", "accuracy")
        }
        | {"runs": rows}
        for label, rows in runs.items()
    }
    write_json(report, {"machine": describe(), **contenders})


def plain(folder: Path, seed: int, batch_size: int, learning_rate: float) -> dict[str, float]:
    """Seconds and test accuracy of the plain script."""
    arguments = map(str, (seed, batch_size, learning_rate))
    seconds = run("benchmarks.plain", *arguments, folder=folder).seconds
    accuracy = read_json(folder / "plain.json")["accuracy"]
    return {"seconds": round(seconds, 2), "accuracy": round(accuracy, 4)}


def stage(folder: Path) -> dict[str, float]:
    """Seconds and test accuracy of the stage."""
    seconds = run("stages.train", NETWORK, folder=folder).seconds
    run("stages.evaluate", NETWORK, folder=folder)
    accuracy = read_json(folder / "reports" / NETWORK / "metrics.json")[NETWORK]["accuracy"]
    return {"seconds": round(seconds, 2), "accuracy": accuracy}


if __name__ == "__main__":
    cli.run(main)
