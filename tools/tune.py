"""Tune: search for better settings of one network, on training and validation images only.

In: `data/processed/{train,validation}/`; `tune`, `models.NETWORK`, `train` and `plot` of
`params.yaml`. Out, in `reports/tune/`: `searched.yaml` (what was searched), `trials.csv` (settings
and metrics of each trial), `importance.csv`, two figures, and `best.yaml`, which `make apply-best`
writes into `params.yaml`. An interrupted search resumes from the trials in `.runs/tune/`.
Run: `make tune`. This is not a stage of `dvc.yaml`, so a change of code does not repeat it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from fashion import cli, cluster
from fashion.config.model import Model
from fashion.config.stages import Plot, Train
from fashion.config.tune import Tune
from fashion.data.stratified import stratified_split
from fashion.io.files import sha256, write_csv, write_figure, write_yaml
from fashion.io.labeled_images import LabeledImages, load_split, npy_files
from fashion.models.determinism import PACKAGES, environment, make_deterministic

SPLITS = ("train", "validation")


def main(
    *,
    processed: str = "data/processed",
    reports: str = "reports/tune",
    runs: str = ".runs",
    params_file: str = "params.yaml",
) -> None:
    """Search for better settings of the network that `tune.network` names."""
    tune, common = Tune.load(params_file), Train.load(params_file)
    base, dpi = Model.load(tune.network, params_file), Plot.load(params_file).dpi
    make_deterministic(tune.seed, common.threads, base.fit.instructions, base.fit.precision)
    from fashion.networks.building import import_network
    from fashion.training.checkpoints import run_key
    from fashion.tuning.search import SearchTask, search

    files = [file for split in SPLITS for file in npy_files(processed, split)]
    searched = {
        "tune": tune.model_dump(mode="json"),
        "models": {tune.network: base.model_dump(mode="json", exclude={"tta"})},
        "data": {file.relative_to(processed).as_posix(): sha256(file) for file in files},
        "packages": {name: environment(common.threads)[name] for name in PACKAGES},
    }
    import_network(base.network.kind)  # before the key, a digest of all loaded code
    key = run_key(searched, [])
    splits = [load_split(processed, split) for split in SPLITS]
    images, labels = (np.concatenate(arrays) for arrays in zip(*splits, strict=True))
    train, validation = (
        LabeledImages(images[indices], labels[indices])
        for indices in stratified_split(labels, tune.validation_images, tune.seed)
    )
    trials = search(SearchTask(tune, base, train, validation, key), Path(runs) / "tune" / key[:16])
    if cluster.tuner_name() is None:
        _write_results(Path(reports), tune, trials, dpi)
        # Written last: without it, `make apply-best` would take new results for older settings.
        write_yaml(Path(reports) / "searched.yaml", searched)


def _write_results(folder: Path, tune: Tune, trials: list[dict[str, Any]], dpi: int) -> None:
    # Imported after the search, so that a change to a figure does not change its key.
    from fashion.tuning import figures
    from fashion.tuning.trials import best_trial, importance_table, nest, trial_table

    table, best = trial_table(trials), best_trial(trials)
    importance = importance_table(table, seed=tune.seed)
    write_csv(folder / "trials.csv", table)
    write_csv(folder / "importance.csv", importance)
    settings = nest({name: best[name] for name in tune.space})
    write_yaml(folder / "best.yaml", {"models": {tune.network: settings}})
    for name, figure in (
        ("importance", figures.importance_bars(importance, tune.network)),
        ("parallel", figures.parallel_coordinates(table, tune.network)),
    ):
        write_figure(folder / f"{name}.png", figure, dpi)
    print(
        f"{tune.network}: {len(table)} trials in {table['seconds'].sum() / 60:.1f} minutes of "
        f"training; best {best['val_accuracy']:.2%} by trial {best['trial']}; "
        "`make apply-best` writes its settings into params.yaml"
    )


if __name__ == "__main__":
    cli.run_stage(main, resumes_after="trial", get_worker=cluster.tuner_name)
