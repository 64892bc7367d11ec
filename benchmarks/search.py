"""What the search found beside the settings made by hand, for the same number of operations.

Both are trained with each of the seeds, in turns, on the images that the search trained on, and
judged by those that it held out; test images are not looked at. The hand-made settings get the
epochs of the search's longest trials, what was found as many as cost the same floating-point
operations. Out: `reports/benchmarks/search.json`. Run: `python -m benchmarks.search`.
"""

import time
from collections.abc import Mapping
from typing import Any

from benchmarks.machine import describe
from benchmarks.step import training_flops
from benchmarks.summary import spread
from fashion import command
from fashion.artifacts import read_yaml, write_json
from fashion.networks import build
from fashion.params import Model, load_params
from fashion.runtime import make_deterministic
from fashion.search import Subject
from fashion.space import apply
from stages.tune import data_files, read_subject

SEEDS = range(1, 4)  # not that of the search


def main(
    network: str = "cnn",
    report: str = "reports/benchmarks/search.json",
    best: str = "reports/tune/best.yaml",
    processed: str = "data/processed",
) -> None:
    """Train both with each seed; the file is written anew after each."""
    params = load_params()
    tune, base = params.tune, params.model(network)
    make_deterministic(tune.seed, params.train.threads)
    subject = read_subject(data_files(processed), tune, base)
    epochs = tune.algorithm.epochs
    chosen = read_yaml(best)["models"][network]
    by_hand, found = apply(base, {}, epochs=epochs), apply(base, chosen, epochs=epochs)
    flops = {"by_hand": cost(by_hand, subject), "found": cost(found, subject)}
    affordable = max(1, round(epochs * flops["by_hand"] / flops["found"]))
    contenders = {"by_hand": by_hand, "found": apply(base, chosen, epochs=affordable)}
    of = {"machine": describe(), "validation_images": tune.validation_images}
    rows: list[dict[str, Any]] = []
    for seed in SEEDS:
        rows.append(
            {"seed": seed, **{name: train(m, subject, seed) for name, m in contenders.items()}}
        )
        print(rows[-1], flush=True)
        described = {
            name: {
                "epochs": model.fit.epochs,
                "megaflop_per_image": round(flops[name] / 1e6, 2),
                **summarize([row[name] for row in rows]),
            }
            for name, model in contenders.items()
        }
        write_json(report, {**of, **described, "runs": rows})


def cost(model: Model, subject: Subject) -> int:
    """Floating-point operations of one training step of `model` per image."""
    shape = subject.train.images.shape[1:]
    return training_flops(build(model.network, shape, subject.classes))


def train(model: Model, subject: Subject, seed: int) -> dict[str, float]:
    """Validation accuracy after the last epoch of `model`, and seconds."""
    network = subject.build(model, seed)
    start = time.perf_counter()
    history = subject.fit(network, model, seed)
    seconds = time.perf_counter() - start
    return {"accuracy": history["val_accuracy"][-1], "seconds": round(seconds, 1)}


def summarize(runs: list[Mapping[str, float]]) -> dict[str, Any]:
    """Spreads of accuracies and seconds."""
    return {name: spread([run[name] for run in runs]) for name in ("accuracy", "seconds")}


if __name__ == "__main__":
    command.run(main)
