"""Train: one network on the training images, watched on the validation images.

In: `data/processed/{train,validation}_*.npy`, `train` and `models.NETWORK` of `params.yaml`.
Out: `models/NETWORK.keras`, in `reports/NETWORK/` its SHA-256 (`model.json`) and `history/` (loss,
accuracy and learning rate of each epoch, written by DVCLive while it trains). Outside what DVC
hashes: `reports/NETWORK/timing.json`, which differs from run to run, and `.runs/train@NETWORK/`,
from which an interrupted run goes on. Run: `python -m stages.train mlp`.
"""

from itertools import chain
from pathlib import Path

from fashion import cluster, command
from fashion.artifacts import read_npy, write_json
from fashion.checkpoints import run_key
from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.digests import sha256
from fashion.machine import signature
from fashion.params import load_params
from fashion.runtime import make_deterministic
from fashion.timing import make_record


def main(
    network: str,
    *,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    runs: str = ".runs",
    params_file: str = "params.yaml",
) -> None:
    """Train the network that `params.yaml` calls `network`, from new weights to a saved model."""
    params = load_params(params_file)
    settings, common = params.model(network), params.train
    make_deterministic(common.seed, common.threads)
    from dvclive import Live
    from dvclive.keras import DVCLiveCallback

    from fashion import distribution
    from fashion.archive import write_model
    from fashion.networks import build
    from fashion.training import Split, fit

    files = {
        split: [f"{processed}/{split}_{part}.npy" for part in ("images", "labels")]
        for split in ("train", "validation")
    }
    train, validation = (Split(*map(read_npy, pair)) for pair in files.values())
    strategy, follows = distribution.make_strategy(), cluster.follower() is not None
    determinants = {
        "model": settings.model_dump(),
        "seed": common.seed,
        "replicas": strategy.num_replicas_in_sync,
    }
    key, machine = run_key(determinants, chain(*files.values())), signature(common.threads)
    checkpoints = distribution.SharedCheckpoints(
        Path(runs) / f"train@{network}", f"{key} {machine}"
    )
    report, saved = Path(reports) / network, Path(models) / f"{network}.keras"
    callbacks = []
    if not follows:
        checkpoints.forget_recorded()
        live = Live(str(report / "history"), save_dvc_exp=False, dvcyaml=None)
        callbacks.append(DVCLiveCallback(live=live))
    with strategy.scope(), distribution.telling_of_lost_workers():
        distribution.check_agreement(key)
        model = build(settings.network, IMAGE_SHAPE, len(CLASS_NAMES), seed=common.seed)
        history = fit(
            model,
            train,
            validation,
            settings.fit,
            settings.augment,
            seed=common.seed,
            callbacks=callbacks,
            checkpoints=checkpoints,
            progress=not follows,
        )
    if follows:
        return
    write_model(saved, model)
    write_json(report / "model.json", {"sha256": sha256(saved), "bytes": saved.stat().st_size})
    seconds = checkpoints.seconds
    record = make_record(seconds, machine, report / "history" / "metrics.json")
    write_json(report / "timing.json", record)
    checkpoints.finish(saved)
    print(
        f"{network}: {model.count_params():,} parameters, validation accuracy "
        f"{history['val_accuracy'][-1]:.4f} after {seconds:.0f} s"
    )


if __name__ == "__main__":
    command.run_stage(main, "network")
