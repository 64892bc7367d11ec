"""The training loop: many steps per Python call, in a reproducible order, on selected images.

`fit` runs `steps_per_execution` training steps in one `tf.function`, while a thread gathers and
augments the images of the next steps. Selection, order and augmentation are drawn from (seed,
epoch) and the difficulty of each image, so a run that resumes after an epoch ends with the same
bytes as one that was never interrupted. Optimizers and losses are Keras' own, and any Keras
callback works as in `Model.fit`, which is slower on small networks.

Losses and accuracies are computed on the host in float64 from the probabilities, so they do not
depend on the order in which a processor sums.
"""

import math
import sys
from collections.abc import Iterator, Sequence

import keras
import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from fashion.config.model import Augment, Fit
from fashion.errors import FashionError
from fashion.io.batching import in_batches
from fashion.io.labeled_images import LabeledImages
from fashion.training.batches import Chunk, chunks, prefetch
from fashion.training.checkpoints import Checkpoint
from fashion.training.distribution import replicas
from fashion.training.optimizers import make_optimizer
from fashion.training.progress import TimeLeft
from fashion.training.progressive import at_size, image_sizes
from fashion.training.selection import selected_count
from fashion.training.steps import Predict, Step, predict_function, train_function

EPSILON = 1e-7  # Keras clips probabilities at the same value

Logs = dict[str, float]


class TrainingError(FashionError):
    """A training that cannot start or continue."""


class DivergedError(TrainingError):
    """A loss that is no longer finite."""


def fit(
    model: keras.Model,
    train: LabeledImages,
    validation: LabeledImages,
    config: Fit,
    augmentation: Augment,
    *,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint: Checkpoint | None = None,
    progress: bool = True,
) -> dict[str, list[float]]:
    """Train `model` in place and return its history, one value per epoch and key.

    The state after each epoch goes into `checkpoint`. If it holds a state already, training resumes
    from there, and the callbacks are first called for the epochs before. With `progress`, the time
    left and the scores are printed: as a bar on a terminal, otherwise as a line per epoch.

    Keys: `loss` and `accuracy` (of training images as selected and augmented, averaged over the
    epoch), `val_loss`, `val_accuracy` (of validation images in the size of that epoch, see
    `progressive_resizing`), `learning_rate` (at the end of the epoch). Losses are
    cross-entropy without label smoothing and class weights. An incomplete last batch is left out;
    its images differ from epoch to epoch.

    Raises `TrainingError` if images do not fit the model or their labels, or if an epoch has fewer
    images than a batch; `ResizingError` if the model does not take images of the reduced size;
    `DivergedError` if the loss is no longer finite.
    """
    for name, split in (("training", train), ("validation", validation)):
        _check_shape(name, split, model)
    steps = steps_by_epoch(len(train.labels), config)
    sizes = image_sizes(model.input_shape[1:3], config)
    # Cloned before compilation: a clone of a compiled model gets its own optimizer.
    networks = {size: at_size(model, size) for size in set(sizes)}
    compile_model(model, config, sum(steps))
    weights = class_weights(train.labels, config)
    train_steps = {
        size: train_function(model, config.batch_size, network, train.images.dtype, weights)
        for size, network in networks.items()
    }
    predict = {
        size: predict_function(model, network, validation.images.dtype)
        for size, network in networks.items()
    }
    difficulty = np.ones(len(train.labels), np.float32)
    if progress:
        work = [count * math.prod(size) for count, size in zip(steps, sizes, strict=True)]
        callbacks = [*callbacks, TimeLeft(work)]
    callback_list = _callback_list(model, callbacks, config, steps[0], progress)
    callback_list.on_train_begin()
    done = _restore(checkpoint, model, difficulty, callback_list)
    for epoch in range(len(done), config.epochs):
        if model.stop_training:
            break
        callback_list.set_params(callback_list.params | {"steps": steps[epoch]})
        callback_list.on_epoch_begin(epoch)
        drawn = chunks(train, difficulty, config, augmentation, seed=seed, epoch=epoch)
        logs = _train_epoch(
            train_steps[sizes[epoch]], config.batch_size, prefetch(drawn), difficulty, callback_list
        )
        logs |= _validate(predict[sizes[epoch]], validation, callback_list)
        logs["learning_rate"] = float(model.optimizer.learning_rate)
        callback_list.on_epoch_end(epoch, logs)
        done.append(logs)
        if checkpoint:
            checkpoint.save(done, [difficulty, *(variable.numpy() for variable in _state(model))])
    if config.ema_momentum:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    callback_list.on_train_end()
    return model.history.history


def _restore(
    checkpoint: Checkpoint | None,
    model: keras.Model,
    difficulty: np.ndarray,
    callback_list: keras.callbacks.CallbackList,
) -> list[Logs]:
    """Restore `model` and `difficulty` from `checkpoint`; return the logs of the complete epochs.

    All callbacks are called for these epochs, except those that show progress.
    """
    saved = checkpoint.load() if checkpoint else None
    if not saved:
        return []
    difficulty[:], *values = saved.arrays
    for variable, value in zip(_state(model), values, strict=True):
        variable.assign(value)
    for epoch, unsorted in enumerate(saved.logs):
        logs = dict(sorted(unsorted.items()))  # in the order in which Keras passes them
        for callback in callback_list.callbacks:
            if not isinstance(callback, keras.callbacks.ProgbarLogger | TimeLeft):
                callback.on_epoch_begin(epoch)
                callback.on_epoch_end(epoch, logs)
    return saved.logs


def _state(model: keras.Model) -> list[keras.Variable]:
    """Weights, moving statistics, states of random generators, and variables of the optimizer."""
    return [*model.variables, *model.optimizer.variables]


def steps_by_epoch(images: int, config: Fit) -> list[int]:
    """The number of batches in each epoch, of `images` training images.

    Raises `TrainingError` if an epoch has none, or if a batch cannot be divided evenly over all
    replicas.
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
            f"expected at least {config.batch_size} training images in an epoch (fit.batch_size), "
            f"received {min(counts)}; lower fit.batch_size"
        )
    return [count // config.batch_size for count in counts]


def class_weights(labels: np.ndarray, config: Fit) -> np.ndarray | None:
    """The weight of each class in the training loss (float32 [classes]); None if all are equal.

    `labels` is uint8 [count], with every class. A class of average size has the weight 1. Source:
    `sklearn.utils.class_weight.compute_class_weight`.
    """
    if config.class_weights == "none":
        return None
    classes = np.arange(int(labels.max()) + 1)
    weights = compute_class_weight(config.class_weights, classes=classes, y=labels)
    return weights.astype(np.float32)


def _check_shape(name: str, split: LabeledImages, model: keras.Model) -> None:
    expected = (len(split.labels), *model.input_shape[1:])
    if split.images.shape != expected:
        raise TrainingError(
            f"{name}: expected images of shape {expected} for these labels and this network, "
            f"found {split.images.shape}; run `dvc repro preprocess`"
        )


def compile_model(model: keras.Model, config: Fit, steps: int) -> None:
    """Compile `model` with the loss and the optimizer of `config`, for `steps` steps in total."""
    optimizer = make_optimizer(config, steps)
    optimizer.build(model.trainable_variables)
    model.compile(
        optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
    )


class _Averages:
    """Cross-entropy and accuracy over the images seen so far."""

    def __init__(self):
        self.images = self.correct = 0
        self.loss = 0.0

    def add(self, probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Add predictions (float32 [count, classes]); return the probability of each label."""
        chosen = probabilities[np.arange(len(labels)), labels]
        self.images += len(labels)
        self.loss -= float(np.log(np.maximum(chosen, EPSILON, dtype=np.float64)).sum())
        self.correct += int((probabilities.argmax(axis=1) == labels).sum())
        return chosen

    def logs(self) -> Logs:
        return {"loss": self.loss / self.images, "accuracy": self.correct / self.images}


def _train_epoch(
    train: Step,
    batch_size: int,
    drawn: Iterator[Chunk],
    difficulty: np.ndarray,
    callback_list: keras.callbacks.CallbackList,
) -> Logs:
    """Train on the chunks `drawn`, and update the `difficulty` of their images."""
    averages = _Averages()
    for chunk in drawn:
        callback_list.on_train_batch_begin(averages.images // batch_size)
        probabilities = train(chunk.images, chunk.labels).numpy()
        difficulty[chunk.indices] = 1 - averages.add(probabilities, chunk.labels)
        steps = averages.images // batch_size
        if not np.isfinite(averages.loss):
            raise DivergedError(
                f"the loss became {averages.loss} within {steps} steps of an epoch; "
                "lower fit.learning_rate or lengthen fit.warmup"
            )
        callback_list.on_train_batch_end(steps - 1, averages.logs())
    return averages.logs()


def _validate(
    predict: Predict, validation: LabeledImages, callback_list: keras.callbacks.CallbackList
) -> Logs:
    averages = _Averages()
    callback_list.on_test_begin()
    for batch, images in enumerate(in_batches(validation.images)):
        callback_list.on_test_batch_begin(batch)
        rows = slice(averages.images, averages.images + len(images))
        averages.add(predict(images).numpy(), validation.labels[rows])
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
    """`callbacks` with Keras' own for the history, for progress and for averaged weights."""
    ema = [keras.callbacks.SwapEMAWeights()] if config.ema_momentum else []
    model.stop_training = False
    return keras.callbacks.CallbackList(
        [*ema, *callbacks],
        add_history=True,
        add_progbar=progress,
        model=model,
        epochs=config.epochs,
        steps=steps,
        verbose=1 if sys.stdout.isatty() else 2,
    )
