"""Train: one network on the training images, watched on the validation images.

In: `data/processed/{train,validation}_*.npy`, `train` and `models.NETWORK` of `params.yaml`.
Out: `models/NETWORK.keras` and `reports/NETWORK/history/` (loss, accuracy and learning rate of
each epoch, written by DVCLive while it trains). Beside them, and outside what DVC hashes because
it differs from run to run: `reports/NETWORK/timing.json`. Run: `python -m stages.train mlp`.
"""

from pathlib import Path

from fashion import command
from fashion.artifacts import read_npy, write_json
from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.params import load_params
from fashion.runtime import make_deterministic
from fashion.timing import Stopwatch, make_record


def main(
    network: str,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Train the network that `params.yaml` calls `network`, from new weights to a saved model."""
    params = load_params(params_file)
    settings, common = params.model(network), params.train
    make_deterministic(common.seed, common.threads)
    from dvclive import Live
    from dvclive.keras import DVCLiveCallback

    from fashion.archive import write_model
    from fashion.networks import build
    from fashion.training import Split, fit

    train, validation = (
        Split(*(read_npy(f"{processed}/{split}_{part}.npy") for part in ("images", "labels")))
        for split in ("train", "validation")
    )
    model = build(settings.network, IMAGE_SHAPE, len(CLASS_NAMES), seed=common.seed)
    report = Path(reports) / network
    live = Live(str(report / "history"), save_dvc_exp=False, dvcyaml=None)
    with Stopwatch() as stopwatch:
        history = fit(
            model,
            train,
            validation,
            settings.fit,
            settings.augment,
            seed=common.seed,
            callbacks=[DVCLiveCallback(live=live)],
        )
    write_model(Path(models) / f"{network}.keras", model)
    record = make_record(stopwatch.seconds, common.threads, report / "history" / "metrics.json")
    write_json(report / "timing.json", record)
    print(
        f"{network}: {model.count_params():,} parameters, validation accuracy "
        f"{history['val_accuracy'][-1]:.4f} after {stopwatch.seconds:.0f} s"
    )


if __name__ == "__main__":
    command.run(main, "network")
