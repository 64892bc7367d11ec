"""Ablation: compare settings of one network on held-out training images.

In: `research/ablations.yaml`: the network, how many training images are held out, the settings
common to all trials, and the changes of each trial, by dotted name below `models.NETWORK`. Each
trial and seed that the table lacks is trained on the other images and evaluated on the held-out
ones, in one view and in ten. The test images are not read.
Out: `reports/experiments.csv`, a row per trial and seed. A trial that fails also has a row; remove
it to try again. `.trials/TRIAL-SEED/`, which is not in Git, keeps the parameters and the model.
Run: `python -m research.ablation`. If interrupted, it resumes after the last complete epoch.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.runs import RunError, prepare_folder, run, training_seconds
from fashion import cli
from fashion.config.loader import assign, check, read
from fashion.config.model import Model
from fashion.config.section import Section
from fashion.config.stages import Evaluate, Train
from fashion.evaluation import metrics
from fashion.evaluation.tta import predict_average
from fashion.io.files import read_csv, write_csv, write_npy
from fashion.io.labeled_images import load_split, npy_files
from fashion.models.determinism import make_deterministic

ABLATIONS = "research/ablations.yaml"
TABLE = "reports/experiments.csv"
FOLDER = Path(".trials")
VALIDATION_STEP = 10  # every tenth held-out image is a validation image of the trainings
TTA = "flip_shift"


class Ablations(Section):
    """`research/ablations.yaml`."""

    network: str
    seeds: Sequence[int]
    held_out: int
    all: Mapping[str, Any]
    trials: Mapping[str, Mapping[str, Any]]


def main(ablations: str = ABLATIONS, table: str = TABLE) -> None:
    """Run the trials of the file `ablations` that the file `table` lacks."""
    config = load(ablations)
    done = read_csv(table) if Path(table).exists() else pd.DataFrame(columns=["trial", "seed"])
    rows: list[dict[Any, Any]] = done.to_dict("records")
    known = {(row["trial"], row["seed"]) for row in rows}
    processed = split_data(config.held_out)
    for trial, changes in config.trials.items():
        for seed in config.seeds:
            if (trial, seed) not in known:
                settings = {**config.all, **changes}
                scores = run_trial(f"{trial}-{seed}", config.network, settings, seed)
                text = " ".join(f"{name}={value}" for name, value in changes.items())
                rows.append({"trial": trial, "seed": seed, "changes": text, **scores})
                write_csv(table, pd.DataFrame(rows).convert_dtypes())  # keeps integers beside gaps
                print(rows[-1], flush=True)
    print(f"{table}: {len(rows)} trainings, evaluated on {processed / 'held_out'}")


def load(path: str) -> Ablations:
    """The file `path`; raises `ParamsError` naming settings that `models.NETWORK` does not have."""
    config = check(Ablations, read(path), path)
    model = Model.load(config.network).model_dump()
    for trial, changes in config.trials.items():
        document = deepcopy(model)
        for name, value in {**config.all, **changes}.items():
            assign(document, name, value)
        check(Model, document, path, f"trials.{trial}")
    return config


def split_data(held_out: int) -> Path:
    """Write the splits train, validation and held_out, if missing; the folder that has them."""
    processed = FOLDER / "data/processed"
    files = npy_files(processed, "held_out")
    if not files[-1].exists() or len(load_split(processed, "held_out").labels) != held_out:
        prepare_folder(
            FOLDER, {"preprocess.validation_images": held_out}, Path("data/raw"), "data/raw"
        )
        run("stages.preprocess", folder=FOLDER)
        validation_files = npy_files(processed, "validation")
        for file, validation_file in zip(files, validation_files, strict=True):
            values = np.load(validation_file)
            write_npy(validation_file, values, np.arange(0, held_out, VALIDATION_STEP))
            write_npy(file, values, np.arange(held_out))
    return processed


def run_trial(trial: str, network: str, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The scores of one trial, or the reason of its failure."""
    folder = FOLDER / trial
    changes = {f"models.{network}.{name}": value for name, value in settings.items()}
    prepare_folder(folder, {**changes, "train.seed": seed}, FOLDER / "data")
    try:
        run("stages.train", network, folder=folder)
    except RunError as error:
        return {"failed": str(error).strip().splitlines()[-1]}
    one, ten = evaluate(folder / f"models/{network}.keras", folder / "data/processed")
    return {
        "epochs": Model.load(network, folder / "params.yaml").fit.epochs,
        "seconds": int(training_seconds(network, folder)),
        "accuracy_one_view": one["accuracy"],
        "accuracy_ten_views": ten["accuracy"],
        "loss_one_view": one["loss"],
        "loss_ten_views": ten["loss"],
    }


def evaluate(model: Path, processed: Path) -> list[dict[str, float]]:
    """The scores of `model` on the held-out images, in one view and averaged over ten."""
    make_deterministic(seed=0, threads=Train.load().threads)
    from fashion.models.saving import read_model

    params, (images, labels) = Evaluate.load(), load_split(processed, "held_out")
    predict = read_model(model).predict_on_batch
    both = predict_average(predict, images, TTA, params.batch_size)
    return [metrics.compute_metrics(values, labels, params.reliability_bins) for values in both]


if __name__ == "__main__":
    cli.run(main, "ablations")
