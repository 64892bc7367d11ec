"""Building a network from its parameters.

An architecture is a module of this folder, named as `network.kind`, with a function
`build_features(images, network, seed)`. Every model takes raw pixels (0 to 255) and scales them in
its first layer, so training, evaluation and prediction cannot differ. Every layer has a name, so
equal weights give equal files. The first layer and those after the last convolution have the dtype
float32, also when `keras.config.dtype_policy()` says bfloat16.
"""

from importlib import import_module
from types import ModuleType

import keras

from fashion.config.model import Network


def import_network(kind: str) -> ModuleType:
    """The module of the architecture `kind`."""
    return import_module(f"fashion.networks.{kind}")


def build(network: Network, shape: tuple[int, ...], classes: int, *, seed: int = 0) -> keras.Model:
    """An untrained model for images of `shape`: (height, width) or (height, width, channels).

    `seed` is for the dropout masks; initial weights follow `keras.utils.set_random_seed`.

    In: [batch, *shape], pixel values 0 to 255 of any numeric dtype. Out: float32
    [batch, classes], probabilities. Raises `NetworkError` if `network` does not suit `shape`.
    """
    module = import_network(network.kind)
    images = keras.Input(shape, name="images")
    features = module.build_features(images, network, seed)
    dense = keras.layers.Dense(classes, activation="softmax", dtype="float32", name="probabilities")
    return keras.Model(images, dense(features), name=network.kind)
