"""How far results lie apart that differ in nothing but their seed: statistics of networks.

For each network and seed `python -m stages.train` and `stages.evaluate`, in a folder of `.runs/`
where an interrupted training resumes. The file is written after each run, and a run that it holds
already is not repeated while settings and machine are the same; to measure again after a change of
code, remove the network from the file. Seconds are those of training, without TensorFlow's start.
Out: `reports/benchmarks/seeds.json`, and in `predictions/` beside it the label that each seed
predicts for each test image. Run: `python -m benchmarks.seeds mlp`, or without a name for all of
`models` (the `cnn` takes half an hour a seed on two cores with AVX2).

`interval` is where one more seed, or another machine, may end (`prediction_interval`); those of all
`models` together hold at `LEVEL` (Bonferroni's inequality). `tools.verify` compares with it.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.machine import DIGITS, describe, prediction_interval, spread
from benchmarks.runs import lay_out, run, training_seconds
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_csv, read_json, write_csv, write_json
from tools.checkout import ROOT

REPORT = "reports/benchmarks/seeds.json"
WORKSPACES = Path(".runs/seeds")
SEEDS = range(5)
SCORES = ("accuracy", "accuracy_without_tta", "loss", "macro_f1", "val_accuracy")
WITH_INTERVAL = ("accuracy", "loss")
LEAST_RUNS = 3  # for an interval: that of two is wider than any accuracy can lie apart
LEVEL = 0.99


class SeedsError(FashionError):
    """A network that there is none of."""


def main(network: str = "", report: str = REPORT, seeds: range = SEEDS) -> None:
    """Train and evaluate `network`, or all of `models`, with each of `seeds` that is missing."""
    params, machine = Params.load(), describe()
    if network and network not in params.networks:
        raise SeedsError(f"expected one of {', '.join(params.networks)}; received {network}")
    networks = read_json(report)["networks"] if Path(report).exists() else {}
    for name in [network] if network else params.models:
        of = {"machine": machine, "settings": settings(params, name)}
        known = networks.get(name, {})
        is_known = all(known.get(key) == value for key, value in of.items())
        file = predictions_path(name, report)
        table = read_csv(file) if is_known and file.exists() else pd.DataFrame()
        runs = [row for row in known.get("runs", []) if f"seed_{row['seed']}" in table]
        for seed in sorted({*seeds} - {row["seed"] for row in runs}):
            folder, changes = WORKSPACES / f"{name}-{seed}", {"train.seed": seed}
            scores, table[f"seed_{seed}"] = train_and_evaluate(name, folder, changes)
            runs.append({"seed": seed, **scores})
            write_csv(file, table)
            print(name, runs[-1], flush=True)
            networks[name] = {**of, **summarize(runs, len(params.models)), "runs": runs}
            write_json(report, {"level": LEVEL, "networks": networks})


def settings(params: Params, network: str) -> dict[str, Any]:
    """What of `params` the scores of `network` depend on, but for the seed."""
    of_images = {"test_fraction", "unreadable"}
    return {
        "model": params.networks[network].model_dump(mode="json"),
        **params.train.model_dump(exclude={"seed"}),
        "preprocess": params.preprocess.model_dump(mode="json", exclude=of_images),
        "data": {file.name: file.sha256 for file in params.download.files},
    }


def current(params: Params, network: str, root: Path = Path()) -> Mapping[str, Any]:
    """The statistics of `network` in the project `root`; empty without any of these settings.

    Also for own images: they have no digest in `params`, so nothing tells whether they changed.
    """
    file = root / REPORT
    known = read_json(file)["networks"].get(network, {}) if file.exists() else {}
    is_known = params.download.files and known.get("settings") == settings(params, network)
    return known if is_known else {}


def predictions_path(network: str, report: str = REPORT) -> Path:
    """The table of what each seed of `network` predicts: a row an image, a column a seed."""
    return Path(report).parent / "predictions" / f"{network}.csv"


def predictions(network: str, params: Params) -> pd.DataFrame:
    """That table; empty without statistics of these settings."""
    file = predictions_path(network)
    return read_csv(file) if file.exists() and current(params, network) else pd.DataFrame()


def train_and_evaluate(
    network: str, folder: Path, changes: Mapping[str, Any]
) -> tuple[dict[str, float], list[int]]:
    """The scores of `network` and the seconds of its training, with `changes` of parameters.

    With them the label that it predicts for each test image. An interrupted run resumes in
    `folder`, which is removed at the end.
    """
    lay_out(folder, changes, ROOT / "data")
    printed = run("stages.train", network, folder=folder).printed
    run("stages.evaluate", network, folder=folder)
    report = folder / "reports" / network
    scores = read_json(report / "metrics.json")
    predicted = read_csv(report / "predictions.csv", ["predicted"])["predicted"]
    classes = read_json(folder / "data/processed/classes.json")["classes"]
    shutil.rmtree(folder)
    kept = {name: scores[name] for name in SCORES} | {"training_seconds": training_seconds(printed)}
    return kept, [classes.index(name) for name in predicted]


def summarize(runs: list[dict[str, float]], networks: int) -> dict[str, Any]:
    """The spread of each column of `runs`, and intervals where there are `LEAST_RUNS` or more.

    `networks` is how many have intervals that are to hold together.
    """
    level = 1 - (1 - LEVEL) / (networks * len(WITH_INTERVAL))
    columns = {name: [row[name] for row in runs] for name in runs[0] if name != "seed"}
    spreads: dict[str, Any] = {name: spread(values) for name, values in columns.items()}
    for name in WITH_INTERVAL if len(runs) >= LEAST_RUNS else ():
        interval = prediction_interval(columns[name], level)
        spreads[name]["interval"] = [round(end, DIGITS) for end in interval]
    return spreads


if __name__ == "__main__":
    cli.run(main, "network")
