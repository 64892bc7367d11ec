"""One training loop: many steps per Python call, in a reproducible order, on chosen images.

`fit` runs `steps_per_execution` training steps in one `tf.function`, while a thread gathers and
augments the images of the next ones. Order and augmentation are drawn from (seed, epoch), the
images of an epoch from these and from how hard each was last; so a run that goes on from the state
after an epoch gives the bytes of one that was never interrupted. Optimizers and losses are Keras',
and any Keras callback works as in `Model.fit`, which is slower on small networks.

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
from fashion.checkpoints import Checkpoints
from fashion.distribution import first, from_all, own_part, replicas
from fashion.errors import FashionError
from fashion.optimizers import make_optimizer
from fashion.params import Augment, Fit
from fashion.selection import select, selected_count

VALIDATION_BATCH = 1000

# uint8 images and labels in; losses (one, or one for each batch) and probabilities out
Step = Callable[[np.ndarray, np.ndarray], tuple[tf.Tensor, tf.Tensor]]


class TrainingError(FashionError):
    """A training run that cannot start or cannot go on."""


class DivergedError(TrainingError):
    """A loss that did not stay finite."""


class Split(NamedTuple):
    """Images uint8 [count, height, width] and their labels uint8 [count]."""

    images: np.ndarray
    labels: np.ndarray


class Chunk(NamedTuple):
    """Some batches: their rows in the training set (int64 [count]), augmented images, labels."""

    rows: np.ndarray
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
    checkpoints: Checkpoints | None = None,
    progress: bool = True,
) -> dict[str, list[float]]:
    """Train `model` in place and return its history, one value per epoch and key.

    After each epoch its state goes into `checkpoints`; where they hold one already, training goes
    on from there, after the callbacks were told of the epochs before. `progress` is shown as a bar
    or as lines.

    Keys: `loss`, `accuracy` (training images as selected and augmented, averaged over the epoch),
    `val_loss`, `val_accuracy`, `learning_rate` (at the end of the epoch). A last incomplete batch
    is left out; the order differs in each epoch, so no image is left out for good.

    Raises `TrainingError` if images do not fit the model or their labels, or if an epoch has fewer
    images than a batch, and `DivergedError` if the loss stops being finite.
    """
    for name, split in (("training", train), ("validation", validation)):
        _check(name, split, model)
    steps = steps_by_epoch(len(train.labels), config)
    compile_for(model, config, sum(steps))
    train_steps, judge = train_function(model, config.batch_size), judge_function(model)
    hardness = np.ones(len(train.labels), np.float32)
    callback_list = _callback_list(model, callbacks, config, steps[0], progress)
    callback_list.on_train_begin()
    done = _restore(checkpoints, model, hardness, callback_list)
    for epoch in range(len(done), config.epochs):
        if model.stop_training:
            break
        callback_list.set_params(callback_list.params | {"steps": steps[epoch]})
        callback_list.on_epoch_begin(epoch)
        chunks = batches(train, hardness, config, augmentation, seed=seed, epoch=epoch)
        logs = _train_epoch(
            train_steps, config.batch_size, _prefetch(chunks), hardness, callback_list
        )
        logs |= _validate(judge, validation, callback_list)
        logs["learning_rate"] = float(model.optimizer.learning_rate)
        callback_list.on_epoch_end(epoch, logs)
        done.append(logs)
        if checkpoints:
            checkpoints.save(done, [hardness, *(v.numpy() for v in _state(model))])
    if config.ema_momentum:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    callback_list.on_train_end()
    return model.history.history


def _restore(
    checkpoints: Checkpoints | None,
    model: keras.Model,
    hardness: np.ndarray,
    callback_list: keras.callbacks.CallbackList,
) -> list[dict[str, float]]:
    """The logs of the epochs that are done, once `model` and `hardness` are as after them.

    Callbacks hear of these epochs, except for the one that would show their progress.
    """
    saved = checkpoints.load() if checkpoints else None
    if not saved:
        return []
    hardness[:], *values = saved.arrays
    for variable, value in zip(_state(model), values, strict=True):
        variable.assign(value)
    for epoch, unsorted in enumerate(saved.logs):
        logs = dict(sorted(unsorted.items()))  # as Keras hands them on
        for callback in callback_list.callbacks:
            if not isinstance(callback, keras.callbacks.ProgbarLogger):
                callback.on_epoch_begin(epoch)
                callback.on_epoch_end(epoch, logs)
    return saved.logs


def _state(model: keras.Model) -> list[keras.Variable]:
    """Weights, moving statistics, states of random generators, and all that the optimizer keeps."""
    return [*model.variables, *model.optimizer.variables]


def steps_by_epoch(images: int, config: Fit) -> list[int]:
    """How many batches each epoch has; raises `TrainingError` where one has none.

    Also where a batch cannot be divided evenly over all replicas.
    """
    if config.batch_size % replicas():
        raise TrainingError(
            f"a batch of {config.batch_size} images cannot be divided evenly over {replicas()} "
            "replicas; change fit.batch_size"
        )
    counts = [
        selected_count(images, config.selection, epoch, config.epochs)
        for epoch in range(config.epochs)
    ]
    if min(counts) < config.batch_size:
        raise TrainingError(
            f"a batch of {config.batch_size} images was asked for, but there are only "
            f"{min(counts)} training images in an epoch; lower fit.batch_size"
        )
    return [count // config.batch_size for count in counts]


def _check(name: str, split: Split, model: keras.Model) -> None:
    expected = (len(split.labels), *model.input_shape[1:])
    if split.images.shape != expected:
        raise TrainingError(
            f"{name}: expected images of {expected} for these labels and this network, "
            f"received {split.images.shape}; `dvc repro preprocess` makes them again"
        )


def compile_for(model: keras.Model, config: Fit, steps: int) -> None:
    """Give `model` the optimizer, for `steps` steps, and the loss of `config`."""
    optimizer = make_optimizer(config, steps)
    optimizer.build(model.trainable_variables)
    model.compile(
        optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    )


def batches(
    train: Split,
    hardness: np.ndarray,
    config: Fit,
    augmentation: Augment,
    *,
    seed: int,
    epoch: int,
) -> Iterator[Chunk]:
    """The epoch's batches in order, `steps_per_execution` of them (the last time fewer) at once.

    `hardness` (float [count]) is read before the first of them is drawn, and not after. Equal
    (hardness, seed, epoch) give equal bytes; every image is used at most once.
    """
    rng = np.random.default_rng([seed, epoch])
    size = config.batch_size
    count = selected_count(len(hardness), config.selection, epoch, config.epochs)
    order = select(hardness, count, config.selection, rng)[: count // size * size]
    stride = size * config.steps_per_execution
    for start in range(0, len(order), stride):
        rows = order[start : start + stride]
        images = augment(train.images[rows], rows, epoch, augmentation, rng)
        yield Chunk(rows, images, train.labels[rows])


def _prefetch(items: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same items, each made in a thread while the one before it is used."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        upcoming = thread.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, items, None)
            yield item


def train_function(model: keras.Model, batch_size: int) -> Step:
    """A graph that takes a training step on each batch of what it is given."""
    shape, classes = model.input_shape[1:], model.output_shape[-1]
    strategy = tf.distribute.get_strategy()

    def train_step(images, labels):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            loss, probabilities = _forward(model, own_part(images), own_part(labels), training=True)
        model.optimizer.apply(tape.gradient(loss, variables), variables)
        return from_all(loss, probabilities)

    @tf.function(input_signature=_signature(model))
    def train(images, labels):
        steps = tf.shape(labels)[0] // batch_size
        losses = tf.TensorArray(tf.float32, steps, element_shape=())
        outputs = tf.TensorArray(tf.float32, steps, element_shape=(batch_size, classes))
        for step in tf.range(steps):
            rows = slice(step * batch_size, (step + 1) * batch_size)
            batch = tf.ensure_shape(images[rows], (batch_size, *shape))
            targets = tf.ensure_shape(labels[rows], (batch_size,))
            loss, probabilities = first(strategy.run(train_step, (batch, targets)))
            losses = losses.write(step, loss)
            outputs = outputs.write(step, probabilities)
        return losses.stack(), outputs.concat()

    return train


def judge_function(model: keras.Model) -> Step:
    """A graph that judges what it is given as one batch, and changes nothing."""

    @tf.function(input_signature=_signature(model))
    def judge(images, labels):
        loss, probabilities = _forward(model, images, labels, training=False)
        return (
            loss * replicas(),
            probabilities,
        )  # undoes Keras' share of a loss that is to be summed

    return judge


def _signature(model: keras.Model) -> list[tf.TensorSpec]:
    shape = (None, *model.input_shape[1:])
    return [tf.TensorSpec(shape, tf.uint8), tf.TensorSpec((None,), tf.uint8)]


def _forward(
    model: keras.Model, images: tf.Tensor, labels: tf.Tensor, *, training: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    probabilities = model(tf.cast(images, tf.float32), training=training)
    targets = tf.one_hot(labels, model.output_shape[-1])
    return model.compute_loss(images, targets, probabilities, training=training), probabilities


class _Averages:
    """Loss and accuracy over the images seen so far."""

    def __init__(self):
        self.images = self.correct = 0
        self.loss = 0.0

    def add(self, losses: tf.Tensor, probabilities: np.ndarray, labels: np.ndarray) -> None:
        """Take in `losses`, one or one for each batch, and what was said of `labels`."""
        self.images += len(labels)
        self.loss += float(np.mean(losses)) * len(labels)
        self.correct += int((probabilities.argmax(axis=1) == labels).sum())

    def logs(self) -> dict[str, float]:
        return {"loss": self.loss / self.images, "accuracy": self.correct / self.images}


def _train_epoch(
    train: Step,
    batch_size: int,
    chunks: Iterator[Chunk],
    hardness: np.ndarray,
    callback_list: keras.callbacks.CallbackList,
) -> dict[str, float]:
    """Train on each of `chunks`, and keep in `hardness` what was missed of their images."""
    averages = _Averages()
    for chunk in chunks:
        callback_list.on_train_batch_begin(averages.images // batch_size)
        losses, outputs = train(chunk.images, chunk.labels)
        probabilities = outputs.numpy()
        hardness[chunk.rows] = 1 - probabilities[np.arange(len(chunk.labels)), chunk.labels]
        averages.add(losses, probabilities, chunk.labels)
        steps = averages.images // batch_size
        if not np.isfinite(averages.loss):
            raise DivergedError(
                f"the loss became {averages.loss} within {steps} steps of an epoch; "
                "lower fit.learning_rate or lengthen fit.warmup"
            )
        callback_list.on_train_batch_end(steps - 1, averages.logs())
    return averages.logs()


def _validate(
    judge: Step, validation: Split, callback_list: keras.callbacks.CallbackList
) -> dict[str, float]:
    averages = _Averages()
    callback_list.on_test_begin()
    for batch, start in enumerate(range(0, len(validation.labels), VALIDATION_BATCH)):
        callback_list.on_test_batch_begin(batch)
        rows = slice(start, start + VALIDATION_BATCH)
        loss, outputs = judge(validation.images[rows], validation.labels[rows])
        averages.add(loss, outputs.numpy(), validation.labels[rows])
        callback_list.on_test_batch_end(batch, averages.logs())
    callback_list.on_test_end(averages.logs())
    return {f"val_{name}": value for name, value in averages.logs().items()}


def _callback_list(
    model: keras.Model,
    callbacks: Sequence[keras.callbacks.Callback],
    config: Fit,
    steps: int,
    progress: bool,
) -> keras.callbacks.CallbackList:
    """The user's callbacks with Keras' history, progress bar or lines, and weight averages."""
    averages = [keras.callbacks.SwapEMAWeights()] if config.ema_momentum else []
    model.stop_training = False
    return keras.callbacks.CallbackList(
        list(chain(averages, callbacks)),
        add_history=True,
        add_progbar=progress,
        model=model,
        epochs=config.epochs,
        steps=steps,
        verbose=1 if sys.stdout.isatty() else 2,
    )
