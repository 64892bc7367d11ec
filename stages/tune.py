"""Tune: search for better settings of one network, on training and validation images only.

In: `data/processed/{train,validation}_*.npy`; of `params.yaml` `tune`, `train.threads`,
`models.NETWORK` and `plot.dpi`. Out, in `reports/tune/`: `trials.csv` (every trial with its
values, accuracy and seconds), `importance.csv` and `parallel.csv` with their pictures, and
`best.yaml`, which `make apply-best` writes into `params.yaml`. Trials stand in `.runs/tune/`, so
that a search that was interrupted goes on. Run: `make tune`; on more machines see the README.
"""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fashion import cluster, command
from fashion.artifacts import read_npy, write_csv, write_figure, write_yaml
from fashion.checkpoints import run_key
from fashion.dataset import CLASS_NAMES
from fashion.machine import signature
from fashion.params import Model, Tune, load_params
from fashion.runtime import make_deterministic
from fashion.split import stratify

if TYPE_CHECKING:
    from fashion.search import Subject


def main(
    network: str,
    *,
    processed: str = "data/processed",
    reports: str = "reports/tune",
    runs: str = ".runs",
    params_file: str = "params.yaml",
) -> None:
    """Search for settings of the network that `params.yaml` calls `network`."""
    params = load_params(params_file)
    tune, base, threads = params.tune, params.model(network), params.train.threads
    make_deterministic(tune.seed, threads)
    from fashion import search, space, trial_figures, trials

    files = data_files(processed)
    subject = read_subject(files, tune, base)
    determinants = {
        "tune": tune.model_dump(exclude={"budget", "lost_after_seconds"}),
        "model": base.model_dump(),
        "machine": signature(threads),
    }
    key = run_key(determinants, chain(*files.values()))
    ended = search.search(tune, subject, folder=Path(runs) / "tune", key=key)
    if cluster.follower():
        return
    names = [name.name for name in space.declare(tune.space).space]
    table = trials.trial_table(
        names,
        [
            (trial.trial_id, trial.hyperparameters.values, result)
            for trial, result in zip(ended, search.results(ended), strict=True)
        ],
    )
    report = Path(reports)
    best = trials.best_trial(table)
    values = next(t.hyperparameters.values for t in ended if t.trial_id == best["trial"])
    parallel, importance = trials.positions(table), trials.importance(table, seed=tune.seed)
    write_csv(report / "trials.csv", table)
    write_csv(report / "parallel.csv", parallel)
    write_csv(report / "importance.csv", importance)
    write_yaml(report / "best.yaml", {"models": {network: space.choose(tune.space, values)}})
    pictures = {
        "parallel": trial_figures.parallel_coordinates(parallel, network),
        "importance": trial_figures.importance(importance, network),
    }
    for name, figure in pictures.items():
        write_figure(report / f"{name}.png", figure, params.plot.dpi)
    print(
        f"{network}: {len(table)} trials in {table['seconds'].sum() / 60:.0f} minutes of training; "
        f"best {best['val_accuracy']:.2%} by trial {best['trial']}; "
        "`make apply-best` writes its settings into params.yaml"
    )


def data_files(processed: str) -> dict[str, list[str]]:
    """The files of images and of labels that a search divides anew."""
    return {
        part: [f"{processed}/{split}_{part}.npy" for split in ("train", "validation")]
        for part in ("images", "labels")
    }


def read_subject(files: dict[str, list[str]], tune: Tune, base: Model) -> "Subject":
    """What is searched: `base`, and the images in `files`, some held out to choose by."""
    from fashion.search import Subject
    from fashion.training import Split

    images, labels = (np.concatenate([*map(read_npy, files[part])]) for part in files)
    counts = np.bincount(labels, minlength=len(CLASS_NAMES))
    held_out = stratify([labels], counts, tune.validation_images, tune.seed).is_validation(
        labels, 0
    )
    return Subject(
        base,
        train=Split(images[~held_out], labels[~held_out]),
        validation=Split(images[held_out], labels[held_out]),
        classes=len(CLASS_NAMES),
        seed=tune.seed,
    )


if __name__ == "__main__":
    command.run_stage(main, "network")
