"""Ablation: settings of one network, compared on held-out training images.

In: `research/ablations.yaml`: the network, what its trials have in common and the changes of each,
by dotted name below `models.NETWORK`, and how many training images are held out. Every trial that
the table lacks is trained on the rest, one after the other, and predicts ten views of each held-out
image; the test images are not read. Out: `reports/experiments.csv`, a row for each trial and seed,
also for one that failed (remove the row to try again); in `.trials/TRIAL-SEED/`, which is not in
Git, the parameters, the model and `views.npy`, the probabilities of every view, so that averages,
calibrations and ensembles cost no training. Run: `python -m research.ablation`. Interrupted, it
resumes after the last complete epoch.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.runs import RunError, lay_out, run, training_seconds
from fashion import cli
from fashion.config.loader import assign, check, read
from fashion.config.model import Model
from fashion.config.section import Section
from fashion.config.stages import Evaluate, Train
from fashion.evaluation import metrics
from fashion.evaluation.tta import average, predict_views
from fashion.io.files import read_csv, read_npy, replacing, write_csv, write_npy
from fashion.models.determinism import make_deterministic

TRIALS = "research/ablations.yaml"
TABLE = "reports/experiments.csv"
FOLDER = Path(".trials")
WATCHED = 10  # one of so many held-out images is looked at while training, and calibrates
VIEWS = "flip_shift"


class Trials(Section):
    """`research/ablations.yaml`."""

    network: str
    seeds: Sequence[int]
    held_out: int
    all: Mapping[str, Any]
    trials: Mapping[str, Mapping[str, Any]]


def main(trials: str = TRIALS, table: str = TABLE) -> None:
    """Run what the file `trials` lists and the file `table` lacks."""
    listed = check(Trials, read(trials), trials, "trials")
    _check(listed, trials)
    rows: list[dict[str, Any]] = []
    if Path(table).exists():
        rows = [
            {str(key): value for key, value in row.items()}
            for row in read_csv(table).to_dict("records")
        ]
    known = {(row["trial"], row["seed"]) for row in rows}
    data = _divide(listed.held_out)
    for name, changes in listed.trials.items():
        for seed in listed.seeds:
            if (name, seed) not in known:
                scores = _run(f"{name}-{seed}", listed.network, {**listed.all, **changes}, seed)
                rows.append({"trial": name, "seed": seed, "changes": _text(changes), **scores})
                write_csv(table, pd.DataFrame(rows).convert_dtypes())  # of gaps, too
                print(rows[-1], flush=True)
    print(f"{table}: {len(rows)} trainings, evaluated on images of {data}")


def _check(listed: Trials, path: str) -> None:
    """Raise `ParamsError` naming each setting that `models.NETWORK` does not have."""
    model = Model.load(listed.network).model_dump()
    for trial, changes in listed.trials.items():
        document = deepcopy(model)
        for name, value in {**listed.all, **changes}.items():
            assign(document, name, value)
        check(Model, document, path, f"trials.{trial}")


def _text(changes: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in changes.items())


def _divide(held_out: int) -> Path:
    """The held-out images, with training and watched ones beside them, made where missing."""
    processed = FOLDER / "data/processed"
    part = processed / "held_out"
    labels = part / "labels.npy"
    if not labels.exists() or len(read_npy(labels)) != held_out:
        lay_out(FOLDER, {"preprocess.validation_images": held_out}, Path("data/raw"), "data/raw")
        run("stages.preprocess", folder=FOLDER)
        for kind in ("images", "labels"):
            watched = processed / f"validation/{kind}.npy"
            values = np.array(read_npy(watched))
            write_npy(watched, values, np.arange(0, held_out, WATCHED))
            write_npy(part / f"{kind}.npy", values, np.arange(held_out))
    return part


def _run(trial: str, network: str, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The scores of one trial, or why it has none."""
    folder = FOLDER / trial
    changes = {f"models.{network}.{name}": value for name, value in settings.items()}
    lay_out(folder, {**changes, "train.seed": seed}, FOLDER / "data")
    try:
        printed = run("stages.train", network, folder=folder).printed
    except RunError as error:
        return {"failed": str(error).strip().splitlines()[-1]}
    views = _predict(folder / f"models/{network}.keras", folder / "data/processed/held_out")
    with replacing(folder / "views.npy") as partial_file, partial_file.open("wb") as stream:
        np.save(stream, views)
    labels = read_npy(folder / "data/processed/held_out/labels.npy")
    of_one, of_ten = (_scores(values, labels) for values in (views[0], average(views)))
    return {
        "epochs": Model.load(network, folder / "params.yaml").fit.epochs,
        "seconds": int(training_seconds(printed)),
        "accuracy_one_view": of_one["accuracy"],
        "accuracy_ten_views": of_ten["accuracy"],
        "loss_one_view": of_one["loss"],
        "loss_ten_views": of_ten["loss"],
    }


def _predict(model: Path, images: Path) -> np.ndarray:
    """What the model gives for each view of the held-out images: [views, count, classes]."""
    make_deterministic(seed=0, threads=Train.load().threads)
    from fashion.models.saving import read_model

    batch_size = Evaluate.load().batch_size
    predict = partial(read_model(model).predict, batch_size=batch_size, verbose=0)
    return predict_views(predict, read_npy(images / "images.npy"), VIEWS)


def _scores(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return metrics.summary(probabilities, labels, Evaluate.load().reliability_bins)


if __name__ == "__main__":
    cli.run(main, "trials")
