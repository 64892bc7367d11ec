"""One training loop: Keras' own train step, many steps per Python call, in a reproducible order.

`fit` runs `model.train_step` inside a `tf.function` over `steps_per_execution` batches, while a
thread gathers and augments the next ones. Order and augmentation are drawn from (seed, epoch), so
any epoch's batches can be drawn without those before it. Any Keras callback works as in
`Model.fit`, which is slower on small networks.

In: an untrained model and uint8 images [count, height, width] with uint8 labels [count]; both may
be memory-mapped, since only `steps_per_execution` batches are read at a time.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from fashion.augment import augment
from fashion.errors import FashionError
from fashion.optimizers import make_optimizer
from fashion.params import Augment, Fit

VALIDATION_BATCH = 500

Run = Callable[[np.ndarray, np.ndarray], tf.Tensor]


class TrainingError(FashionError):
    """A training run that cannot start or cannot go on."""


class Split(NamedTuple):
    """Images uint8 [count, height, width] and their labels uint8 [count]."""

    images: np.ndarray
    labels: np.ndarray


def fit(
    model: keras.Model,
    train: Split,
    validation: Split,
    config: Fit,
    augmentation: Augment,
    *,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, list[float]]:
    """Train `model` in place and return its history, one value per epoch and key.

    Keys: `loss`, `accuracy` (training images as augmented, averaged over the epoch), `val_loss`,
    `val_accuracy`, `learning_rate` (at the end of the epoch). A last incomplete batch is left
    out; the order differs in each epoch, so no image is left out for good.

    Raises `TrainingError` if images do not fit the model or their labels, if the training set is
    smaller than a batch, or if the loss stops being finite.
    """
    for name, split in (("training", train), ("validation", validation)):
        _check(name, split, model)
    steps = len(train.labels) // config.batch_size
    if steps == 0:
        raise TrainingError(
            f"a batch of {config.batch_size} images was asked for, but there are only "
            f"{len(train.labels)} training images; lower fit.batch_size"
        )
    compile_for(model, config, steps)
    run = _steps_function(model, config.batch_size)
    callback_list = _callback_list(model, callbacks, config, steps)
    callback_list.on_train_begin()
    for epoch in range(config.epochs):
        callback_list.on_epoch_begin(epoch)
        chunks = batches(train, config, augmentation, seed=seed, epoch=epoch)
        logs = _train_epoch(model, run, _prefetch(chunks), callback_list)
        logs |= _validate(model, validation, callback_list)
        logs["learning_rate"] = float(model.optimizer.learning_rate)
        callback_list.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    if config.ema_momentum:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    callback_list.on_train_end()
    return model.history.history


def _check(name: str, split: Split, model: keras.Model) -> None:
    expected = (len(split.labels), *model.input_shape[1:])
    if split.images.shape != expected:
        raise TrainingError(
            f"{name}: expected images of {expected} for these labels and this network, "
            f"received {split.images.shape}; `dvc repro preprocess` makes them again"
        )


def compile_for(model: keras.Model, config: Fit, steps_per_epoch: int) -> None:
    """Give `model` the optimizer, loss and metric of `config`, as `Model.compile` does."""
    optimizer = make_optimizer(config, config.epochs * steps_per_epoch)
    optimizer.build(model.trainable_variables)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    model.compile(optimizer, loss, metrics=[keras.metrics.CategoricalAccuracy("accuracy")])


def batches(
    train: Split, config: Fit, augmentation: Augment, *, seed: int, epoch: int
) -> Iterator[Split]:
    """The epoch's batches in order, `steps_per_execution` of them (the last time fewer) at once.

    Equal (seed, epoch) give equal bytes; every image is used at most once.
    """
    rng = np.random.default_rng([seed, epoch])
    size = config.batch_size
    order = rng.permutation(len(train.labels))[: len(train.labels) // size * size]
    stride = size * config.steps_per_execution
    for start in range(0, len(order), stride):
        rows = order[start : start + stride]
        yield Split(augment(train.images[rows], rows, epoch, augmentation, rng), train.labels[rows])


def _prefetch(items: Iterator[Split]) -> Iterator[Split]:
    """The same items, each made in a thread while the one before it is used."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        upcoming = thread.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, items, None)
            yield item


def _steps_function(model: keras.Model, batch_size: int) -> Run:
    """A graph that trains on each batch of what it is given, and returns how many there were."""
    classes = model.output_shape[-1]
    signature = [
        tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8),
        tf.TensorSpec((None,), tf.uint8),
    ]

    @tf.function(input_signature=signature)
    def run(images, labels):
        steps = tf.shape(labels)[0] // batch_size
        for step in tf.range(steps):
            rows = slice(step * batch_size, (step + 1) * batch_size)
            inputs = tf.ensure_shape(images[rows], (batch_size, *images.shape[1:]))
            model.train_step((tf.cast(inputs, tf.float32), tf.one_hot(labels[rows], classes)))
        return steps

    return run


def _train_epoch(
    model: keras.Model,
    run: Run,
    chunks: Iterator[Split],
    callback_list: keras.callbacks.CallbackList,
) -> dict[str, float]:
    model.reset_metrics()
    logs: dict[str, float] = {}
    steps = 0
    for chunk in chunks:
        callback_list.on_train_batch_begin(steps)
        steps += int(run(*chunk))
        logs = {name: float(value) for name, value in model.get_metrics_result().items()}
        if not np.isfinite(logs["loss"]):
            raise TrainingError(
                f"the loss became {logs['loss']} within {steps} steps of an epoch; "
                "lower fit.learning_rate or lengthen fit.warmup"
            )
        callback_list.on_train_batch_end(steps - 1, logs)
    return logs


def _validate(
    model: keras.Model, validation: Split, callback_list: keras.callbacks.CallbackList
) -> dict[str, float]:
    labels = keras.utils.to_categorical(validation.labels, model.output_shape[-1])
    logs = model.evaluate(
        validation.images,
        labels,
        batch_size=VALIDATION_BATCH,
        callbacks=callback_list,
        verbose=0,
        return_dict=True,
    )
    return {f"val_{name}": float(value) for name, value in logs.items()}


def _callback_list(
    model: keras.Model, callbacks: Sequence[keras.callbacks.Callback], config: Fit, steps: int
) -> keras.callbacks.CallbackList:
    """The user's callbacks with Keras' history, progress bar or lines, and weight averages."""
    averages = [keras.callbacks.SwapEMAWeights()] if config.ema_momentum else []
    model.stop_training = False
    return keras.callbacks.CallbackList(
        list(chain(averages, callbacks)),
        add_history=True,
        add_progbar=True,
        model=model,
        epochs=config.epochs,
        steps=steps,
        verbose=1 if sys.stdout.isatty() else 2,
    )
