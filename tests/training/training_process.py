"""One process of a training over several: trains a little, and writes its weights.

Run with `TF_CONFIG` of its task, or without for the whole batch in one process:
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
from fashion.training.batches import Split
from fashion.training.loop import fit
from tests.conftest import CLASSES, SHAPE, small_part


def main(settings: str, weights: str, devices: str = "1") -> None:
    """Train the model in the file `settings`, on `devices` parts of this process."""
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    parts = [tf.config.LogicalDeviceConfiguration() for _ in range(int(devices))]
    tf.config.set_logical_device_configuration(cpu, parts)
    make_deterministic(seed=0, threads=1)
    strategy = (
        tf.distribute.MirroredStrategy([f"CPU:{place}" for place in range(len(parts))])
        if len(parts) > 1
        else distribution.make_strategy()
    )
    model = Model.model_validate_json(Path(settings).read_text("utf-8"))
    with strategy.scope():
        network = build(model.network, SHAPE, len(CLASSES))
        history = fit(
            network,
            Split(*small_part(32, seed=1)),
            Split(*small_part(8, seed=2)),
            model.fit,
            model.augment,
            seed=0,
            progress=False,
        )
    values = {variable.path: keras.ops.convert_to_numpy(variable) for variable in network.variables}
    np.savez(weights, history=np.array(json.dumps(history)), **values)


if __name__ == "__main__":
    main(*sys.argv[1:])
