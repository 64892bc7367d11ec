"""A multilayer perceptron."""

import keras
from keras import layers

from fashion.config.model import Mlp
from fashion.models.layers import PIXEL_MAX


def build_features(images: keras.KerasTensor, network: Mlp, seed: int) -> keras.KerasTensor:
    """Features [batch, units[-1]] of images [batch, height, width, ...].

    The images are flattened; a dense layer and dropout follow for each of `units`.
    """
    x = layers.Rescaling(1 / PIXEL_MAX, dtype="float32", name="scale")(images)
    x = layers.Flatten(name="flatten")(x)
    for depth, units in enumerate(network.units, start=1):
        x = layers.Dense(units, activation="relu", name=f"dense{depth}")(x)
        x = layers.Dropout(network.dropout, seed=seed + depth, name=f"dropout{depth}")(x)
    return x
