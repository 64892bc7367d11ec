"""A small residual network, similar to those of the DAWNBench speed competition.

Each block halves the image before normalisation, which leaves a quarter of the work, and adds a
residual branch. Sources: He et al., arxiv.org/abs/1512.03385; Page,
github.com/davidcpage/cifar10-fast; Jordan, arxiv.org/abs/2404.00498.
"""

import keras
from keras import layers

from fashion.config.model import Cnn
from fashion.models.layers import PIXEL_MAX, FusedBatchNormalization, NetworkError


def build_features(images: keras.KerasTensor, network: Cnn, seed: int) -> keras.KerasTensor:
    """Features [batch, filters[-1]] of images [batch, height, width] or [..., channels].

    Raises `NetworkError` if the images are too small to be halved by each block.
    """
    height, width, *channels = images.shape[1:]
    halvings = len(network.filters) - 1
    if min(height, width) >> halvings == 0:
        raise NetworkError(
            f"the {halvings} blocks of this network halve images of {height} x {width} pixels to "
            "nothing; list fewer widths under network.filters"
        )
    x = layers.Rescaling(2 / PIXEL_MAX, offset=-1.0, dtype="float32", name="scale")(images)
    if not channels:
        x = layers.Reshape((height, width, 1), name="channel")(x)
    x = _convolution(x, network.filters[0], network.kernel_size, "stem")
    for depth, filters in enumerate(network.filters[1:], start=1):
        x = _block(x, filters, network, f"block{depth}")
    x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)
    return layers.Dropout(network.dropout, seed=seed, dtype="float32", name="dropout")(x)


def _block(x: keras.KerasTensor, filters: int, network: Cnn, name: str) -> keras.KerasTensor:
    x = branch = _convolution(x, filters, network.kernel_size, f"{name}_enter", halve=True)
    for depth in range(1, network.branch_depth + 1):
        branch = _convolution(branch, filters, network.kernel_size, f"{name}_branch{depth}")
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
