"""One process of a distributed training: trains for an epoch and writes its weights.

With `TF_CONFIG` it is one worker of several; without, it trains alone:
`python -m tests.training.training_process SETTINGS.json WEIGHTS.npz`.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

from fashion.config.model import Model
from fashion.models.determinism import make_deterministic
from fashion.networks.building import build
from fashion.training import distribution
from fashion.training.loop import fit
from tests.conftest import CLASSES, SHAPE, small_split


def main(settings: str, weights: str, devices: str = "1") -> None:
    """Train the model in the file `settings`, on `devices` logical devices of this process."""
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    logical = [tf.config.LogicalDeviceConfiguration() for _ in range(int(devices))]
    tf.config.set_logical_device_configuration(cpu, logical)
    make_deterministic(seed=0, threads=1)
    strategy = (
        tf.distribute.MirroredStrategy([f"CPU:{index}" for index in range(len(logical))])
        if len(logical) > 1
        else distribution.make_strategy()
    )
    model = Model.model_validate_json(Path(settings).read_text("utf-8"))
    with strategy.scope():
        network = build(model.network, SHAPE, len(CLASSES))
        history = fit(
            network,
            small_split(32, seed=1),
            small_split(8, seed=2),
            model.fit,
            model.augment,
            seed=0,
            progress=False,
        )
    values = {variable.path: keras.ops.convert_to_numpy(variable) for variable in network.variables}
    np.savez(weights, history=np.array(json.dumps(history)), **values)


if __name__ == "__main__":
    main(*sys.argv[1:])
