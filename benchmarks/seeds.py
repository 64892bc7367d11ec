"""Statistics of a network's scores over seeds.

For each network and seed, `stages.train` and `stages.evaluate` run in a folder of `.runs/`, where
an interrupted training resumes. The pipeline's own seed is not trained again: if `reports/` is up
to date with the code and parameters and was made in this environment, its results are used. They
have no training time, so `training_seconds` is a statistic of the other seeds; it does not include
the start of TensorFlow.

The report is written after each run. Runs that it already holds are not repeated as long as the
settings and the machine stay the same. After a change of the code, remove the network from it.
Out: `reports/benchmarks/seeds.json`, and in `predictions/` beside it the label that each seed
predicts for each test image. Run: `python -m benchmarks.seeds mlp`, or without a name for all of
`models` (the `cnn` takes half an hour per seed on two cores with AVX2).

`interval` is a prediction interval for one more seed (`prediction_interval`). The intervals of all
`models` hold together with probability `LEVEL` (Bonferroni's inequality). `tools.verify` uses them.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.machine import DIGITS, describe, prediction_interval, spread_statistics
from benchmarks.runs import prepare_folder, run, training_seconds
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_csv, read_json, write_csv, write_json
from fashion.models.determinism import environment
from tools.champion import champion_pipeline
from tools.checkout import ROOT, Checkout

REPORT = "reports/benchmarks/seeds.json"
WORKSPACES = Path(".runs/seeds")
SEEDS = range(5)
SCORES = ("accuracy", "accuracy_without_tta", "loss", "macro_f1", "val_accuracy_without_tta")
WITH_INTERVAL = ("accuracy", "loss")
MIN_RUNS = 3  # for an interval; with two runs, it is wider than the range of an accuracy
LEVEL = 0.99
Results = tuple[dict[str, float], list[int]]


class SeedsError(FashionError):
    """An unknown network."""


def main(network: str = "", report: str = REPORT, seeds: range = SEEDS) -> None:
    """Train the missing `seeds` of `network`, or of all `models`, and update the statistics."""
    params = Params.load()
    if network and network not in params.networks:
        raise SeedsError(f"expected one of {', '.join(params.networks)}; received {network}")
    networks = read_json(report)["networks"] if Path(report).exists() else {}
    for name in [network] if network else params.models:
        machine = describe() | {"instructions": environment_of(params, name)["instructions"]}
        origin = {"machine": machine, "settings": settings(params, name)}
        known = networks.get(name, {})
        is_current = all(known.get(key) == value for key, value in origin.items())
        file = predictions_path(name, report)
        table = read_csv(file) if is_current and file.exists() else pd.DataFrame()
        runs = [row for row in known.get("runs", []) if f"seed_{row['seed']}" in table]
        for seed in sorted({*seeds} - {row["seed"] for row in runs}):
            if seed == params.train.seed and pipeline_is_current(name, params):
                scores, table[f"seed_{seed}"] = read_results(ROOT, name)
            else:
                folder, changes = WORKSPACES / f"{name}-{seed}", {"train.seed": seed}
                scores, table[f"seed_{seed}"] = train_and_evaluate(name, folder, changes)
            runs.append({"seed": seed, **scores})
            write_csv(file, table)
            print(name, runs[-1], flush=True)
            networks[name] = {**origin, **summarize(runs, len(params.models)), "runs": runs}
            write_json(report, {"level": LEVEL, "networks": networks})


def settings(params: Params, network: str) -> dict[str, Any]:
    """The parameters that the scores of `network` depend on, except the seed.

    The processor's instructions only change last bits, like another seed.
    """
    for_images = {"test_fraction", "group_by", "unreadable"}
    return {
        "model": params.networks[network].model_dump(
            mode="json", exclude={"fit": {"instructions"}}
        ),
        **params.train.model_dump(exclude={"seed"}),
        "preprocess": params.preprocess.model_dump(mode="json", exclude=for_images),
        "data": {file.name: file.sha256 for file in params.download.files},
    }


def seed_statistics(params: Params, network: str, root: Path = Path()) -> Mapping[str, Any]:
    """The statistics of `network` in the project `root`; empty if its settings have changed.

    Always empty for your own images: `params` has no digest that tells whether they changed.
    """
    file = root / REPORT
    known = read_json(file)["networks"].get(network, {}) if file.exists() else {}
    is_current = params.download.files and known.get("settings") == settings(params, network)
    return known if is_current else {}


def predictions_path(network: str, report: str = REPORT) -> Path:
    """The table of predicted labels of `network`: a row per test image, a column per seed."""
    return Path(report).parent / "predictions" / f"{network}.csv"


def seed_predictions(network: str, params: Params) -> pd.DataFrame:
    """The table at `predictions_path`; empty if `seed_statistics` is."""
    file = predictions_path(network)
    return read_csv(file) if file.exists() and seed_statistics(params, network) else pd.DataFrame()


def environment_of(params: Params, network: str) -> dict[str, str]:
    """The environment in which this machine trains `network`."""
    fit = params.networks[network].fit
    return environment(params.train.threads, fit.instructions, fit.precision)


def pipeline_is_current(network: str, params: Params) -> bool:
    """Whether `reports/` has results of this code, these settings and this environment."""
    trained_in = ROOT / f"models/{network}.environment.json"
    if not trained_in.exists() or read_json(trained_in) != environment_of(params, network):
        return False
    stage = f"evaluate@{network}"
    if network in params.models:
        return Checkout(ROOT).is_up_to_date(stage)
    with champion_pipeline(ROOT) as pipeline:
        return Checkout(ROOT).is_up_to_date(f"{pipeline}:{stage}")


def train_and_evaluate(network: str, folder: Path, changes: Mapping[str, Any]) -> Results:
    """The results of training `network` with `changes` of the parameters, with its seconds.

    An interrupted run resumes in `folder`, which is removed at the end.
    """
    prepare_folder(folder, changes, ROOT / "data")
    run("stages.train", network, folder=folder)
    run("stages.evaluate", network, folder=folder)
    scores, labels = read_results(folder, network)
    scores["training_seconds"] = training_seconds(network, folder)
    shutil.rmtree(folder)
    return scores, labels


def read_results(folder: Path, network: str) -> Results:
    """The scores of `network` in `folder`, and the label that it predicts for each test image."""
    report = folder / "reports" / network
    metrics = read_json(report / "metrics.json")[network]
    predicted = read_csv(report / "predictions.csv", ["predicted"])["predicted"]
    classes = read_json(folder / "data/processed/classes.json")["classes"]
    return {name: metrics[name] for name in SCORES}, [classes.index(name) for name in predicted]


def summarize(runs: Sequence[Mapping[str, float]], networks: int) -> dict[str, Any]:
    """The spread of each column of `runs`, with intervals if there are `MIN_RUNS` or more.

    `networks` is the number of networks whose intervals must hold together.
    """
    level = 1 - (1 - LEVEL) / (networks * len(WITH_INTERVAL))
    names = dict.fromkeys(name for row in runs for name in row if name != "seed")
    columns = {name: [row[name] for row in runs if name in row] for name in names}
    spreads: dict[str, Any] = {name: spread_statistics(values) for name, values in columns.items()}
    for name in WITH_INTERVAL if len(runs) >= MIN_RUNS else ():
        interval = prediction_interval(columns[name], level)
        spreads[name]["interval"] = [round(end, DIGITS) for end in interval]
    return spreads


if __name__ == "__main__":
    cli.run(main, "network", resumes_after="epoch")
