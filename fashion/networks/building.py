"""Networks as pure functions of their parameters: no data, no files, no state.

A kind of network is a module of this folder with a function `build_features(images, network,
seed)`, found by `network.kind`. Every model takes raw pixels (uint8 values 0 to 255) and scales
them in its first layer, so training, evaluation and prediction cannot disagree. Every layer is
named, so equal weights make equal files.
"""

from importlib import import_module
from types import ModuleType

import keras

from fashion.config.model import Network


def import_network(kind: str) -> ModuleType:
    """The module that builds networks of `kind`."""
    return import_module(f"fashion.networks.{kind}")


def build(network: Network, shape: tuple[int, ...], classes: int, *, seed: int = 0) -> keras.Model:
    """An untrained model of `network` for images of `shape`: (height, width) or with channels.

    `seed` is that of the dropout masks; initial weights follow `keras.utils.set_random_seed`.

    In: [batch, *shape], pixel values 0 to 255 of any numeric dtype. Out: float32
    [batch, classes], probabilities. Raises `NetworkError` where `network` does not suit `shape`.
    """
    module = import_network(network.kind)
    images = keras.Input(shape, name="images")
    features = module.build_features(images, network, seed)
    outputs = keras.layers.Dense(classes, activation="softmax", name="probabilities")(features)
    return keras.Model(images, outputs, name=network.kind)
