"""Ways to train the same convolutional network, for `benchmarks.step`.

In: `data/processed/train/` and the `cnn` of `params.yaml`. Out: the last line printed is the speed
in images per second (of `gemm`, in GFLOP/s). The first epoch warms up, the second is timed.
Run: `python -m benchmarks.contenders NAME`, where NAME is

    avx2          this project's loop: its batch normalisation, Muon, augmentation, averaged weights
    native        the same with all instructions of the processor
    bfloat16      the same in bfloat16
    keras         the same network with Keras' own layers, SGD with Nesterov momentum, `Model.fit`
    torch         the same network in PyTorch, channels last, SGD with Nesterov momentum
    convolutions  its convolutions alone, forward and backward, with AVX2
    gemm          products of large matrices with AVX2: the peak speed of the processor
"""

import math
import time
import timeit
from collections.abc import Callable
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from benchmarks.runs import RunError
from fashion import cli
from fashion.config.model import Cnn, Fit, Model
from fashion.config.stages import Train
from fashion.io.files import read_json, read_npy
from fashion.io.labeled_images import LabeledImages, load_split
from fashion.models.determinism import make_deterministic
from fashion.models.saving import portable
from fashion.networks.building import build
from fashion.training.loop import fit

NETWORK = "cnn"
BATCHES = 16
MATRIX = 2048
LEARNING_RATE = 0.1  # of the others; speed does not depend on it


class EpochRate(keras.callbacks.Callback):
    """`rate` is the training speed in the last epoch, in images per second."""

    def __init__(self, images: int):
        super().__init__()
        self.images = images

    def on_epoch_begin(self, *_: object, **__: object) -> None:
        """Start the clock."""
        self.start = time.perf_counter()

    def on_train_batch_end(self, *_: object, **__: object) -> None:
        """Update the rate; the value of the last batch remains."""
        self.rate = self.images / (time.perf_counter() - self.start)


def main(contender: str) -> None:
    """Print the speed of `contender`."""
    if contender not in CONTENDERS:
        raise RunError(f"expected one of {', '.join(CONTENDERS)}; received {contender}")
    all_images = {"fit.selection.fraction": 1.0, "fit.progressive_resizing": None}
    settings = Model.load(NETWORK).with_values({"fit.epochs": 2, **all_images})
    print(CONTENDERS[contender](settings, Train.load()))


def make_network(settings: Model) -> keras.Model:
    """The untrained network, built as in the stage `train`."""
    images = read_npy("data/processed/train/images.npy")
    classes = read_json("data/processed/classes.json")["classes"]
    return build(settings.network, images.shape[1:], len(classes))


def first_images(config: Fit) -> LabeledImages:
    """The first `BATCHES` batches of training images, in memory."""
    count = BATCHES * config.batch_size
    images, labels = load_split("data/processed", "train")
    return LabeledImages(np.array(images[:count]), np.array(labels[:count]))


def pipeline(
    settings: Model, common: Train, instructions: str = "avx2", precision: str = "float32"
) -> float:
    """Images per second of `fashion.training.loop.fit`."""
    make_deterministic(common.seed, common.threads, instructions, precision)
    train = first_images(settings.fit)
    validation, clock = LabeledImages(*(a[:1] for a in train)), EpochRate(len(train.labels))
    model = make_network(settings)
    fit(model, train, validation, settings.fit, settings.augment, seed=0, callbacks=[clock])
    return clock.rate


def plain_keras(settings: Model, common: Train) -> float:
    """Images per second of `Model.fit` on the same network with `keras.layers` alone."""
    tf.config.threading.set_intra_op_parallelism_threads(common.threads)
    train, config = first_images(settings.fit), settings.fit
    model = portable(make_network(settings))
    model.compile(
        keras.optimizers.SGD(LEARNING_RATE, momentum=0.9, nesterov=True),
        keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
    )
    clock = EpochRate(len(train.labels))
    labels = keras.utils.to_categorical(train.labels, model.output_shape[-1])
    model.fit(train.images, labels, config.batch_size, epochs=2, verbose=0, callbacks=[clock])
    return clock.rate


def pytorch(settings: Model, common: Train) -> float:
    """Images per second of a plain PyTorch loop."""
    import torch
    from torch import nn

    from benchmarks import torch_network

    if not isinstance(settings.network, Cnn):
        raise RunError(f"params.yaml: models.{NETWORK}: expected a network of kind cnn")
    torch.set_num_threads(common.threads)
    ours, train, config = make_network(settings), first_images(settings.fit), settings.fit
    model = torch_network.make_network(settings.network, ours.output_shape[-1])
    model = model.to(memory_format=torch.channels_last)
    weights = sum(weight.numel() for weight in model.parameters())
    if weights != sum(math.prod(weight.shape) for weight in ours.trainable_weights):
        raise RunError("benchmarks/torch_network.py differs from fashion/networks/cnn.py; adapt it")
    optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, momentum=0.9, nesterov=True)
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


def convolutions(settings: Model, common: Train) -> float:
    """Images per second of the convolutions of the network, without what lies between them."""
    make_deterministic(common.seed, common.threads)
    count = settings.fit.batch_size
    layers = [x for x in make_network(settings).layers if isinstance(x, keras.layers.Conv2D)]
    inputs = [tf.random.normal((count, *layer.input.shape[1:])) for layer in layers]
    gradients = [tf.random.normal((count, *layer.output.shape[1:])) for layer in layers]

    @tf.function
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = [layer(images) for layer, images in zip(layers, inputs, strict=True)]
        sources = [*inputs[1:], *(layer.kernel for layer in layers)]
        results = outputs + tape.gradient(outputs, sources, gradients)
        return tf.stack([tf.reshape(x, [-1])[0] for x in results])  # so that all are computed

    step()
    return count / _median_seconds(step)


def gemm(_: Model, common: Train) -> float:
    """GFLOP/s of float32 matrix products."""
    make_deterministic(common.seed, common.threads)
    square = tf.random.normal((MATRIX, MATRIX))
    return 2 * MATRIX**3 / _median_seconds(lambda: tf.matmul(square, square)) / 1e9


def _median_seconds(compute: Callable[[], tf.Tensor]) -> float:
    return float(np.median(timeit.repeat(lambda: compute().numpy(), number=1, repeat=20)))


CONTENDERS: dict[str, Callable[[Model, Train], float]] = {
    "avx2": pipeline,
    "native": partial(pipeline, instructions="native"),
    "bfloat16": partial(pipeline, instructions="native", precision="bfloat16"),
    "keras": plain_keras,
    "torch": pytorch,
    "convolutions": convolutions,
    "gemm": gemm,
}


if __name__ == "__main__":
    cli.run(main, "contender")
