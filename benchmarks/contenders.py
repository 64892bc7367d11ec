"""Ways to train the same convolutional network, each in a process of its own.

In: `data/processed/train_*.npy` and the `cnn` of `params.yaml`. Out, as the last line printed: a
rate, in images per second (for `gemm`: GFLOP/s). The first epoch warms up, the second is timed.
Run: `python -m benchmarks.contenders NAME`, with NAME one of

    pipeline  this project's loop: its batch normalisation, Muon, augmentation, averaged weights
    keras     the same network of Keras' own layers, SGD with Nesterov momentum, `Model.fit`
    torch     the same network in PyTorch, channels last, SGD with Nesterov momentum
    gemm      nothing but products of large matrices: the most the processor can do
"""

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.runs import RunError
from fashion import command
from fashion.artifacts import read_npy
from fashion.dataset import CLASS_NAMES, IMAGE_SHAPE
from fashion.layers import FusedBatchNormalization
from fashion.networks import build
from fashion.params import Cnn, Fit, Params, load_params
from fashion.runtime import make_deterministic
from fashion.training import Split, fit

BATCHES = 16
MATRIX = 2048
PRODUCTS = 40
SLOPE = 0.1  # learning rate of the others; speed does not depend on it


class EpochRate(keras.callbacks.Callback):
    """Images per second of the last epoch's training, from its start to its last batch."""

    def __init__(self, images: int):
        super().__init__()
        self.images = images
        self.rate = 0.0

    def on_epoch_begin(self, *_: object, **__: object) -> None:
        """Start the clock."""
        self.start = time.perf_counter()

    def on_train_batch_end(self, *_: object, **__: object) -> None:
        """Read it; the last batch's reading stays."""
        self.rate = self.images / (time.perf_counter() - self.start)


def main(contender: str) -> None:
    """Print the rate of `contender`."""
    print(CONTENDERS[contender](load_params()))


def pipeline(params: Params) -> float:
    """Images per second of `fashion.training.fit`."""
    make_deterministic(params.train.seed, params.train.threads)
    settings = params.model("cnn")
    config = two_epochs(settings.fit)
    train = data(config)
    model = build(settings.network, IMAGE_SHAPE, len(CLASS_NAMES))
    rate = EpochRate(len(train.labels))
    few = Split(train.images[:1], train.labels[:1])
    fit(model, train, few, config, settings.augment, seed=0, callbacks=[rate])
    return rate.rate


def plain_keras(params: Params) -> float:
    """Images per second of `Model.fit` on the same network with `keras.layers` alone."""
    tf.config.threading.set_intra_op_parallelism_threads(params.train.threads)
    settings = params.model("cnn")
    config = two_epochs(settings.fit)
    train = data(config)
    model = keras.models.clone_model(
        build(settings.network, IMAGE_SHAPE, len(CLASS_NAMES)), clone_function=own_layer
    )
    model.compile(
        keras.optimizers.SGD(SLOPE, momentum=0.9, nesterov=True),
        keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
    )
    rate = EpochRate(len(train.labels))
    labels = keras.utils.to_categorical(train.labels, len(CLASS_NAMES))
    model.fit(train.images, labels, config.batch_size, epochs=2, verbose=0, callbacks=[rate])
    return rate.rate


def own_layer(layer: keras.Layer) -> keras.Layer:
    """A copy of `layer`, where it is this project's as Keras' own of the same meaning."""
    if isinstance(layer, FusedBatchNormalization):
        return keras.layers.BatchNormalization.from_config(layer.get_config())
    return layer.__class__.from_config(layer.get_config())


def pytorch(params: Params) -> float:
    """Images per second of a plain PyTorch loop; the images lie ready in memory."""
    import torch
    from torch import nn

    from benchmarks.torch_network import network

    settings = params.model("cnn")
    if not isinstance(settings.network, Cnn):
        raise RunError("params.yaml: models.cnn: expected a network of kind cnn")
    config = settings.fit
    torch.set_num_threads(params.train.threads)
    model = network(settings.network, len(CLASS_NAMES)).to(memory_format=torch.channels_last)
    ours = build(settings.network, IMAGE_SHAPE, len(CLASS_NAMES))
    if weight_count(model.parameters()) != weight_count(ours.trainable_weights):
        raise RunError("benchmarks/torch_network.py is not the network of fashion/networks.py")
    optimizer = torch.optim.SGD(model.parameters(), SLOPE, momentum=0.9, nesterov=True)
    train = data(config)
    images = torch.from_numpy(train.images)[:, None].to(memory_format=torch.channels_last)
    labels = torch.from_numpy(train.labels).long()
    loss = nn.CrossEntropyLoss(label_smoothing=config.label_smoothing)

    def epoch() -> None:
        for rows in torch.arange(len(labels)).split(config.batch_size):
            optimizer.zero_grad()
            loss(model(images[rows].float() / 127.5 - 1), labels[rows]).backward()
            optimizer.step()

    epoch()
    start = time.perf_counter()
    epoch()
    return len(labels) / (time.perf_counter() - start)


def weight_count(weights: Iterable[Any]) -> int:
    """How many numbers are in `weights`, of either library."""
    return sum(math.prod(weight.shape) for weight in weights)


def gemm(params: Params) -> float:
    """GFLOP/s of float32 products of square matrices, the faster of TensorFlow's and NumPy's."""
    tf.config.threading.set_intra_op_parallelism_threads(params.train.threads)
    square = np.random.default_rng(0).standard_normal((MATRIX, MATRIX), np.float32)
    tensor = tf.constant(square)
    return max(
        product_rate(lambda: tf.matmul(tensor, tensor).numpy()),
        product_rate(lambda: square @ square),
    )


def product_rate(product: Callable[[], np.ndarray]) -> float:
    """GFLOP/s of `product`, the median of many."""
    seconds = []
    for _ in range(PRODUCTS):
        start = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - start)
    return 2 * MATRIX**3 / float(np.median(seconds)) / 1e9


def two_epochs(config: Fit) -> Fit:
    """`config` for two epochs on all images: one to warm up, one to time."""
    everything = config.selection.model_copy(update={"share": 1.0})
    return config.model_copy(update={"epochs": 2, "selection": everything})


def data(config: Fit) -> Split:
    """The first training images, `BATCHES` batches of them."""
    count = BATCHES * config.batch_size
    images, labels = (read_npy(f"data/processed/train_{part}.npy") for part in ("images", "labels"))
    return Split(np.array(images[:count]), np.array(labels[:count]))


CONTENDERS = {"pipeline": pipeline, "keras": plain_keras, "torch": pytorch, "gemm": gemm}


if __name__ == "__main__":
    command.run(main, "contender")
