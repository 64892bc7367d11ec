"""Tune: search for better settings of one network, on training and validation images only.

In: `data/processed/{train,validation}/`; `tune`, `models.NETWORK`, `train` and `plot` of
`params.yaml`. Out, in `reports/tune/`: `searched.yaml` (what was searched), `trials.csv` (every
trial with its settings and metrics), `importance.csv`, two figures, and `best.yaml`, which
`make apply-best` writes into `params.yaml`. The trials stand in `.runs/tune/`, from which an
interrupted search resumes. No stage of `dvc.yaml`: its results record what was searched then.
Run: `make tune`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from fashion import cli, cluster
from fashion.config.model import Model
from fashion.config.stages import Plot, Train
from fashion.config.tune import Tune
from fashion.data.stratified import stratified_split
from fashion.io.files import read_npy, sha256, write_csv, write_figure, write_yaml
from fashion.models.determinism import PACKAGES, environment, make_deterministic


def main(
    *,
    processed: str = "data/processed",
    reports: str = "reports/tune",
    runs: str = ".runs",
    params_file: str = "params.yaml",
) -> None:
    """Search for settings of the network that `tune.network` names."""
    tune, common = Tune.load(params_file), Train.load(params_file)
    base, dpi = Model.load(tune.network, params_file), Plot.load(params_file).dpi
    make_deterministic(tune.seed, common.threads, common.precision)
    from fashion.networks.building import import_network
    from fashion.training.batches import Split
    from fashion.training.checkpoints import run_key
    from fashion.tuning.search import Subject, search

    files = [
        f"{processed}/{part}/{kind}.npy"
        for kind in ("images", "labels")
        for part in ("train", "validation")
    ]
    arrays = [read_npy(file) for file in files]
    searched = {
        "tune": tune.model_dump(mode="json"),
        "models": {tune.network: base.model_dump(mode="json", exclude={"tta"})},
        "data": {file.removeprefix(f"{processed}/"): sha256(file) for file in files},
        "precision": common.precision,
        "packages": {name: environment(common.threads)[name] for name in PACKAGES},
    }
    import_network(base.network.kind)  # before the key, which is of all code loaded
    key = run_key(searched, [])
    images, labels = np.concatenate(arrays[:2]), np.concatenate(arrays[2:])
    train, validation = (
        Split(images[rows], labels[rows])
        for rows in stratified_split(labels, tune.validation_images, tune.seed)
    )
    trials = search(Subject(tune, base, train, validation, key), Path(runs) / "tune" / key[:16])
    if cluster.tuner_name() is None:
        _write_results(Path(reports), tune, trials, dpi)
        # Last: without it, `make apply-best` takes a new find for one of the settings before.
        write_yaml(Path(reports) / "searched.yaml", searched)


def _write_results(folder: Path, tune: Tune, trials: list[dict[str, Any]], dpi: int) -> None:
    # Imported after the search, so that a change to a figure leaves its key as it is.
    from fashion.tuning import figures
    from fashion.tuning.trials import best_trial, importance, nested, trial_table

    table, best = trial_table(trials), best_trial(trials)
    values = nested({name: best[name] for name in tune.space})
    mattered = importance(table, seed=tune.seed)
    write_csv(folder / "trials.csv", table)
    write_yaml(folder / "best.yaml", {"models": {tune.network: values}})
    write_csv(folder / "importance.csv", mattered)
    drawn = {
        "importance": figures.importance(mattered, tune.network),
        "parallel": figures.parallel_coordinates(table, tune.network),
    }
    for name, figure in drawn.items():
        write_figure(folder / f"{name}.png", figure, dpi)
    print(
        f"{tune.network}: {len(table)} trials in {table['seconds'].sum() / 60:.1f} minutes of "
        f"training; best {best['val_accuracy']:.2%} by trial {best['trial']}; "
        "`make apply-best` writes its settings into params.yaml"
    )


if __name__ == "__main__":
    cli.run_stage(main, resumes_after="trial", worker=cluster.tuner_name)
