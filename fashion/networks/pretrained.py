"""A trained Keras model as the backbone: transfer learning.

The backbone is any Keras model with pixels from 0 to 255 as input, and features [batch, height,
width, channels] or [batch, width] as output. It may also be a model of this project, which is used
up to its features, so that training continues with other classes or more images. Batch
normalisation keeps its statistics and weights, because small batches would spoil them.
Source: Chollet, keras.io/guides/transfer_learning.
"""

from collections.abc import Iterator
from pathlib import Path

import keras
from keras import layers

from fashion.config.model import Pretrained
from fashion.io.files import FileError
from fashion.models.layers import NetworkError
from fashion.models.saving import load_verified

RGB = 3


def build_features(images: keras.KerasTensor, network: Pretrained, seed: int) -> keras.KerasTensor:
    """Features [batch, channels] of images [batch, height, width] or [..., channels].

    Greyscale images are repeated for a backbone that takes colours. Raises `FileError` if the
    backbone cannot be loaded, and `NetworkError` if it does not suit the images or `network`.
    """
    backbone = load_backbone(network)
    x, shape = images, images.shape[1:]
    if len(backbone.input_shape) > len(images.shape):
        x = layers.Reshape((*shape, 1), name="channel")(x)
    if x.shape[-1] == 1 and backbone.input_shape[-1] == RGB:
        x = layers.Concatenate(name="rgb")([x] * RGB)
    try:
        x = backbone(x)
    except ValueError as error:
        raise NetworkError(
            f"{network.backbone}: expected a model for images of shape {shape}, found one for "
            f"{backbone.input_shape[1:]}; change data.image_height, image_width or channels, or "
            "make the backbone with input_shape=(None, None, 3)"
        ) from error
    if len(x.shape) > 2:  # noqa: PLR2004  [batch, width]
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    return layers.Dropout(network.dropout, seed=seed, name="dropout")(x)


def load_backbone(network: Pretrained) -> keras.Model:
    """The backbone of `network`, with its last `trainable_layers` trainable."""
    path = network.backbone
    if not Path(path).exists():
        raise FileError(f"{path}: missing; copy the backbone there, or run `dvc pull {path}`")
    advice = "write the SHA-256 of the right file to network.backbone_sha256"
    try:
        model = load_verified(path, network.backbone_sha256, advice)
    except (ValueError, TypeError) as error:  # several lines of Keras
        reason = " ".join(str(error).split())[:200]
        raise FileError(f"{path}: expected a Keras model without code: {reason}") from error
    model = keras.Model(model.input, _features(model), name="backbone")
    trained = [layer for layer in _leaves(model) if layer.trainable_weights and not _fixed(layer)]
    if network.trainable_layers > len(trained):
        raise NetworkError(
            f"{path}: expected network.trainable_layers at most {len(trained)}, its number of "
            f"convolutional and dense layers; received {network.trainable_layers}"
        )
    unfrozen = trained[len(trained) - network.trainable_layers :]
    for layer in _leaves(model):
        layer.trainable = layer in unfrozen
    return model


def _features(model: keras.Model) -> keras.KerasTensor:
    """The output of `model`, or of a model of this project what its last layers classify."""
    *others, last = model.layers
    if last.name != "probabilities":
        return model.output
    return others[-1].input if isinstance(others[-1], layers.Dropout) else last.input


def _leaves(model: keras.Model) -> Iterator[keras.Layer]:
    """All layers of `model` in order. A model among them is replaced by its own layers."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer


def _fixed(layer: keras.Layer) -> bool:
    return isinstance(layer, layers.BatchNormalization)
