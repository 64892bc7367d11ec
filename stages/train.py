"""Train: one network on the training images, validated on the validation images.

In: `data/processed/{train,validation}/`; `train` and `models.NETWORK` of `params.yaml`.
Out: `models/NETWORK.keras`, calibrated, with its SHA-256 and the environment that its last bits
depend on; `reports/NETWORK/history.csv`, the loss, accuracy and learning rate of each epoch, before
calibration; `.runs/train@NETWORK.json`, the duration. An interrupted run resumes from `.runs/`.
Run: `python -m stages.train mlp`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from fashion import cli, cluster
from fashion.collapse import describe_collapse
from fashion.config.model import Fit, Model
from fashion.config.stages import Train
from fashion.io.files import write_csv, write_json
from fashion.io.labeled_images import load_split, npy_files
from fashion.models.determinism import environment, make_deterministic

MIN_AVERAGES = 4  # how many times as long as the average of weights a training should be


def main(
    network: str,
    *,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    runs: str = ".runs",
    params_file: str = "params.yaml",
) -> Callable[[], None] | None:
    """Train the network that `params.yaml` calls `network`, and save it.

    Returns a function that removes the checkpoint, in the process that wrote the model.
    """
    settings, common = Model.load(network, params_file), Train.load(params_file)
    processor = common.threads, settings.fit.instructions, settings.fit.precision
    make_deterministic(common.seed, *processor)
    from fashion.models.layers import trainable_parameters
    from fashion.models.saving import portable, write_model
    from fashion.networks.building import build, import_network
    from fashion.training import distribution
    from fashion.training.calibration import calibrate
    from fashion.training.checkpoints import run_key
    from fashion.training.features import with_features
    from fashion.training.loop import fit, steps_by_epoch
    from fashion.training.progress import tensorboard
    from fashion.training.progressive import image_sizes

    train, validation = (load_split(processed, split) for split in ("train", "validation"))
    strategy, is_chief = distribution.make_strategy(), cluster.worker_name() is None
    environment_here = environment(*processor)
    _warn(settings.fit, environment_here, sum(steps_by_epoch(len(train.labels), settings.fit)))
    import_network(settings.network.kind)  # before the key, a digest of all loaded code
    sizes = image_sizes(train.images.shape[1:3], settings.fit)
    key = run_key(
        {
            "settings": settings.model_dump(exclude={"tta"}),
            "seed": common.seed,
            "environment": environment_here,
            "replicas": strategy.num_replicas_in_sync,
        },
        [*npy_files(processed, "train"), *npy_files(processed, "validation")],
    )
    checkpoint = distribution.SharedCheckpoint(Path(runs) / f"train@{network}.npz", key)
    with strategy.scope(), distribution.reporting_lost_workers():
        distribution.check_agreement(key)
        classes = int(train.labels.max()) + 1  # `preprocess` refuses classes without images
        model = build(settings.network, train.images.shape[1:], classes, seed=common.seed)
        history = fit(
            *with_features(model, train, validation, settings),
            settings.fit,
            settings.augment,
            seed=common.seed,
            callbacks=tensorboard(Path(runs) / "tensorboard" / network) if is_chief else [],
            checkpoint=checkpoint,
            progress=is_chief,
        )
    if not is_chief:
        return None
    model = portable(model)  # no longer distributed
    temperature, predicted = calibrate(model, validation)
    write_csv(Path(reports) / network / "history.csv", _table(history, sizes))
    write_json(Path(models) / f"{network}.environment.json", environment_here)
    write_json(Path(runs) / f"train@{network}.json", {"seconds": round(checkpoint.seconds)})
    write_model(Path(models) / f"{network}.keras", model)
    names = [f"label {label}" for label in range(classes)]
    collapse = describe_collapse(validation.labels, predicted, names)
    print(
        f"{network}: {trainable_parameters(model):,} parameters, validation accuracy "
        f"{history['val_accuracy'][-1]:.4f} after {checkpoint.seconds:.0f} s, "
        f"calibrated by temperature {temperature}{collapse and f'; {collapse}'}"
    )
    return partial(checkpoint.finish, Path(models) / f"{network}.keras.sha256")


def _warn(config: Fit, environment_here: Mapping[str, str], steps: int) -> None:
    """Say in one line if this processor, or `steps` training steps, do not suit `config`."""
    averaged = 1 / (1 - config.ema_momentum)
    if averaged > steps / MIN_AVERAGES:
        print(
            f"the weights are averaged over about {averaged:.0f} steps, which are too many for a "
            f"training of {steps}; lower fit.ema_momentum or raise fit.epochs"
        )
    if environment_here["precision"] != config.precision:
        print("this processor has neither AVX512_BF16 nor AMX; training in float32")
    if config.instructions not in (environment_here["instructions"], "native"):
        print(
            "this processor has no AVX2: weights will differ slightly from the committed ones; "
            "`make verify` compares accuracy and loss"
        )


def _table(history: dict[str, list[float]], sizes: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """One row per epoch, counted from 1, with values rounded to six decimals and image sizes."""
    columns = ["accuracy", "val_accuracy", "loss", "val_loss", "learning_rate"]
    table = pd.DataFrame(history)[columns].round(6)
    table.insert(0, "epoch", table.index + 1)
    table[["image_height", "image_width"]] = sizes[: len(table)]
    return table


if __name__ == "__main__":
    cli.run_stage(main, "network", resumes_after="epoch")
