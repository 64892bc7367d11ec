"""Progressive resizing: the first epochs train on smaller images, which takes less time.

A convolutional network keeps most of what it learns from small images, so it can train for more
epochs in the same time. Sources: Howard and Gugger, "Deep Learning for Coders", chapter 7; Tan and
Le, section 4, arxiv.org/abs/2104.00298.
"""

import keras
import tensorflow as tf

from fashion.config.model import Fit
from fashion.errors import FashionError

Size = tuple[int, int]  # height and width in pixels


class ResizingError(FashionError):
    """A network that does not take images of the reduced size."""


def image_sizes(size: Size, config: Fit) -> list[Size]:
    """The size of training images in each epoch of `config`, for data of `size`."""
    resizing = config.progressive_resizing
    if not resizing:
        return [size] * config.epochs
    height, width = (max(1, round(resizing.scale * extent)) for extent in size)
    early = round(resizing.fraction * config.epochs)
    return [(height, width)] * early + [size] * (config.epochs - early)


def at_size(model: keras.Model, size: Size) -> keras.Model:
    """A model for images of `size` that shares the weights of `model`; `model` itself if it fits.

    Raises `ResizingError` if the layers do not take images of `size`.
    """
    if size == model.input_shape[1:3]:
        return model
    channels = model.input_shape[3:]

    def share(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.layers.Reshape):
            return keras.layers.Reshape((*size, 1), name=layer.name)
        return layer

    images = keras.Input((*size, *channels), name="images")
    try:
        return keras.models.clone_model(model, images, clone_function=share)
    except ValueError as error:
        raise ResizingError(
            f"fit.progressive_resizing: this network takes no images of {size[0]} x {size[1]} "
            "pixels; raise scale for a convolutional network, or set null for any other"
        ) from error


def resize(images: tf.Tensor, size: Size) -> tf.Tensor:
    """Average the pixels of float32 [batch, height, width, ...] over areas: [batch, *size, ...]."""
    if images.shape[1:3] == size:
        return images
    _, height, width, *channels = images.shape
    pixels = tf.reshape(images, (-1, height, width, *(channels or [1])))
    return tf.reshape(tf.image.resize(pixels, size, method="area"), (-1, *size, *channels))
