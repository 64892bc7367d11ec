"""How far results lie apart that differ in nothing but their seed: statistics for each network.

Seed by seed `dvc exp run --temp --set-param train.seed=N`: DVC trains and judges every network in
a copy of this checkout, and what it has run before it takes from its run cache, so an interrupted
round goes on with the seed it was at. Scores hold no clock: on one kind of machine the file is the
same whenever it is made, but for what it tells of the machine.
Out: `reports/benchmarks/seeds.json`. Run: `make seeds`; about 50 minutes.

`interval` is where one more seed, or another machine, may end (`prediction_interval`); all of them
together hold at `LEVEL` (Bonferroni's inequality). `python -m verification.verify` judges by it.
"""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dvc.api

from benchmarks.checkout import ROOT
from benchmarks.machine import describe
from benchmarks.summary import DIGITS, prediction_interval, spread
from fashion import command
from fashion.artifacts import write_json
from fashion.digests import sha256
from fashion.errors import FashionError
from fashion.params import Params, load_params

SEEDS = range(5)
SCORES = ("accuracy", "single_view_accuracy", "loss", "macro_f1")
JUDGED = ("accuracy", "loss")
LEVEL = 0.99


class SeedsError(FashionError):
    """Seeds that cannot be compared."""


def main(
    report: str = "reports/benchmarks/seeds.json", seeds: range = SEEDS, root: Path = ROOT
) -> None:
    """Train and judge every network of the checkout `root` with each of `seeds`."""
    params, inputs = load_params(root / "params.yaml"), _inputs(root)
    rows: dict[str, list[dict[str, Any]]] = {network: [] for network in params.models}
    for seed in seeds:
        for network, scores in train_and_judge(root, seed, rows).items():
            rows[network].append({"seed": seed, **scores})
            print(network, rows[network][-1], flush=True)
        if _inputs(root) != inputs:
            raise SeedsError("code or parameters changed meanwhile: seeds are not of one kind")
    networks = {
        network: {"settings": settings(params, network), **summarize(runs, len(rows))}
        for network, runs in rows.items()
    }
    write_json(root / report, {"machine": describe(), "level": LEVEL, "networks": networks})


def _inputs(root: Path) -> dict[str, str]:
    """The digests of all that experiments are made of."""
    code = [path for name in ("fashion", "stages") for path in (root / name).glob("*.py")]
    return {str(path): sha256(path) for path in [*code, root / "dvc.yaml", root / "params.yaml"]}


def settings(params: Params, network: str) -> dict[str, Any]:
    """What of `params` the scores of `network` depend on, but for the seed."""
    return {
        "data": dict(params.download.sha256),
        "preprocess": params.preprocess.model_dump(mode="json"),
        **params.model(network).model_dump(mode="json"),
        "views": params.evaluate.views[network],
        "threads": params.train.threads,
    }


def train_and_judge(root: Path, seed: int, networks: Iterable[str]) -> dict[str, dict[str, float]]:
    """The scores of each of `networks` with `seed`, from an experiment that is then removed."""
    name = f"seed-{seed}"
    subprocess.run(["dvc", "exp", "remove", name], cwd=root, capture_output=True, check=False)
    targets = [f"evaluate@{network}" for network in networks]
    options = ["--temp", "--name", name, "--set-param", f"train.seed={seed}"]
    subprocess.run(["dvc", "exp", "run", *options, *targets], cwd=root, check=True)
    metrics = {
        network: json.loads(
            dvc.api.read(f"reports/{network}/metrics.json", repo=str(root), rev=name)
        )
        for network in networks
    }
    subprocess.run(["dvc", "exp", "remove", name], cwd=root, capture_output=True, check=True)
    return {
        network: {score: scores[score] for score in SCORES} for network, scores in metrics.items()
    }


def summarize(runs: list[dict[str, Any]], networks: int) -> dict[str, Any]:
    """The spread of each score over `runs`, the interval of each that is judged, and the runs.

    `networks` is how many networks have intervals that are to hold together.
    """
    level = 1 - (1 - LEVEL) / (networks * len(JUDGED))
    scores: dict[str, Any] = {name: spread([run[name] for run in runs]) for name in SCORES}
    for name in JUDGED:
        interval = prediction_interval([run[name] for run in runs], level)
        scores[name]["interval"] = [round(end, DIGITS) for end in interval]
    return {**scores, "runs": runs}


def are_current(seeds: dict[str, Any], params: Params, network: str, scores: dict) -> bool:
    """Whether `seeds` (the file's content) are those of `network` as it is.

    Its settings must be the same, and the run with the seed of `params` must have `scores`.
    """
    known = seeds["networks"].get(network)
    if not known or known["settings"] != settings(params, network):
        return False
    runs = [run for run in known["runs"] if run["seed"] == params.train.seed]
    return all(run[name] == scores[name] for run in runs for name in SCORES)


if __name__ == "__main__":
    command.run(main)
