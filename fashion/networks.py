"""Networks as pure functions of their parameters: no data, no files, no state.

`build` turns one `network` section of `params.yaml` into an untrained Keras model. Every model
takes raw pixels (uint8 values 0 to 255) and scales them in its first layer, so training,
evaluation and prediction cannot disagree. Every layer is named, so equal weights make equal files.

To add a network: a section in `fashion.params`, a builder here, an entry in `BUILDERS`.
"""

from collections.abc import Callable

import keras
from keras import layers

from fashion.errors import FashionError
from fashion.layers import FusedBatchNormalization
from fashion.params import Cnn, Mlp, Network

PIXEL_MAX = 255.0


class NetworkError(FashionError):
    """A network that cannot be built for these images."""


def build(network: Network, shape: tuple[int, int], classes: int, *, seed: int = 0) -> keras.Model:
    """An untrained model of `network` for grey images of `shape` (height, width).

    `seed` is that of the dropout masks; initial weights follow `keras.utils.set_random_seed`.

    In: [batch, height, width], pixel values 0 to 255 of any numeric dtype. Out: float32
    [batch, classes], probabilities. Raises `NetworkError` where `network` is too deep for `shape`.
    """
    images = keras.Input(shape, name="images")
    features = BUILDERS[network.kind](images, network, seed)
    outputs = layers.Dense(classes, activation="softmax", name="probabilities")(features)
    return keras.Model(images, outputs, name=network.kind)


def _mlp(images: keras.KerasTensor, network: Mlp, seed: int) -> keras.KerasTensor:
    """784-128-10 with dropout 0.3 is 101,770 parameters and about 88.8 % on the test set."""
    x = layers.Rescaling(1 / PIXEL_MAX, name="scale")(images)
    x = layers.Flatten(name="flatten")(x)
    for depth, units in enumerate(network.units, start=1):
        x = layers.Dense(units, activation="relu", name=f"dense{depth}")(x)
        x = layers.Dropout(network.dropout, seed=seed + depth, name=f"dropout{depth}")(x)
    return x


def _cnn(images: keras.KerasTensor, network: Cnn, seed: int) -> keras.KerasTensor:
    """A small residual network in the manner of DAWNBench speed runs.

    Each block halves the image before it normalises (a quarter of the work) and adds a residual
    branch of two convolutions. Sources: He et al., arxiv.org/abs/1512.03385;
    github.com/davidcpage/cifar10-fast; Jordan, arxiv.org/abs/2404.00498.
    """
    height, width = images.shape[1:]
    halvings = len(network.filters) - 1
    if min(height, width) >> halvings == 0:
        raise NetworkError(
            f"{len(network.filters)} filters halve images of {height} x {width} {halvings} times, "
            "to nothing; give fewer widths under network.filters"
        )
    x = layers.Rescaling(2 / PIXEL_MAX, offset=-1.0, name="scale")(images)
    x = layers.Reshape((height, width, 1), name="channel")(x)
    x = _convolution(x, network.filters[0], network.kernel_size, "stem")
    for depth, filters in enumerate(network.filters[1:], start=1):
        x = _block(x, filters, network.kernel_size, f"block{depth}")
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    return layers.Dropout(network.dropout, seed=seed, name="dropout")(x)


def _block(x: keras.KerasTensor, filters: int, kernel_size: int, name: str) -> keras.KerasTensor:
    x = _convolution(x, filters, kernel_size, f"{name}_enter", halve=True)
    branch = _convolution(x, filters, kernel_size, f"{name}_first")
    branch = _convolution(branch, filters, kernel_size, f"{name}_second")
    return layers.Add(name=f"{name}_add")([x, branch])


def _convolution(
    x: keras.KerasTensor, filters: int, kernel_size: int, name: str, *, halve: bool = False
) -> keras.KerasTensor:
    convolution = layers.Conv2D(
        filters, kernel_size, padding="same", use_bias=False, name=f"{name}_conv"
    )
    x = convolution(x)
    if halve:
        x = layers.MaxPooling2D(name=f"{name}_pool")(x)
    x = FusedBatchNormalization(name=f"{name}_norm", momentum=0.9)(x)
    return layers.ReLU(name=f"{name}_relu")(x)


BUILDERS: dict[str, Callable[..., keras.KerasTensor]] = {"mlp": _mlp, "cnn": _cnn}
