"""A search by KerasTuner with this project's training loop.

KerasTuner draws the values, keeps the trials in a folder from which a search resumes, and serves
workers on other machines if its variables `KERASTUNER_*` are set
(keras.io/keras_tuner/guides/distributed_tuning). Each trial is a complete training with its own
learning-rate schedule. This includes the longer trials of Hyperband, because the middle of a
schedule says little about its end. An interrupted trial starts over.
"""

import time
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import keras
import keras_tuner
import tensorflow as tf
from keras_tuner.engine.trial import TrialStatus
from pydantic import ValidationError
from sklearn.exceptions import ConvergenceWarning

from fashion import cluster
from fashion.config.model import Model
from fashion.config.tune import Tune
from fashion.errors import FashionError
from fashion.io.labeled_images import LabeledImages
from fashion.models.layers import trainable_parameters
from fashion.networks.building import build
from fashion.training.loop import DivergedError, fit
from fashion.training.progress import tensorboard
from fashion.tuning.oracles import (
    KEY,
    Bayesian,
    Hyperband,
    Random,
    StoredOracle,
    remove_unreadable,
    restore_oracle,
)
from fashion.tuning.space import declare_hyperparameters, decode_values

OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")
METRICS = ("epochs", "val_accuracy", "val_loss", "parameters", "seconds")
SEE_CHIEF = "see what the chief printed, and start this worker again when the chief runs"
SEED_STRIDE = 1_000_003  # KerasTuner adds one to its seed for each value that it draws
PAUSE_SECONDS = 0.2


class SearchError(FashionError):
    """A search that cannot start or cannot continue."""


class SearchTask(NamedTuple):
    """The task of a search; `key` is a digest of all of it."""

    tune: Tune
    base: Model
    train: LabeledImages
    validation: LabeledImages
    key: str

    def model(self, drawn: Mapping[str, Any]) -> Model:
        """The settings of a trial; raises `SearchError` if they are not valid together."""
        epochs = drawn.get("tuner/epochs", self.tune.algorithm.epochs)  # Hyperband draws them
        chosen = decode_values(self.tune.space, drawn)
        try:
            return self.base.with_values(chosen | {"fit.epochs": epochs})
        except ValidationError as error:
            raise SearchError(f"tune.space gave {chosen}, which is not valid: {error}") from error

    def run(self, drawn: Mapping[str, Any], folder: Path) -> dict[str, float]:
        """Train a new network with `drawn`; return its metrics. `folder` is for TensorBoard.

        If the loss diverges, the accuracy is 0 and there is no loss. Raises `SearchError` if the
        chief searches something else.
        """
        if drawn[KEY] != self.key:
            raise SearchError(
                "the code, data, packages or parameters of this worker differ from the chief's; "
                "check out the same commit on both and run `dvc repro preprocess` on each"
            )
        start, model, seed = time.perf_counter(), self.model(drawn), self.tune.seed
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        shape, classes = self.train.images.shape[1:], int(self.train.labels.max()) + 1
        network = build(model.network, shape, classes, seed=seed)
        splits = (self.train, self.validation)
        try:
            history = fit(
                network,
                *splits,
                model.fit,
                model.augment,
                seed=seed,
                callbacks=tensorboard(folder),
                progress=False,
            )
            last = {name: history[name][-1] for name in ("val_accuracy", "val_loss")}
        except DivergedError as error:
            print(error, flush=True)
            last = {"val_accuracy": 0.0}
        counts = {"epochs": model.fit.epochs, "parameters": trainable_parameters(network)}
        return last | counts | {"seconds": time.perf_counter() - start}


class _Tuner(keras_tuner.Tuner):
    """Runs the trials of its oracle, which holds all state."""

    def save(self) -> None:
        """Write the state of the oracle, when KerasTuner's chief asks for it."""
        self.oracle.save()

    def reload(self) -> None:
        """Do nothing: the oracle holds all state, and has been restored."""

    def pre_create_trial(self) -> None:
        """Wait, because a worker without a trial asks for one again at once."""
        time.sleep(PAUSE_SECONDS)

    def run_trial(self, trial: Any, task: SearchTask, **_options: Any) -> dict[str, float]:
        """The metrics of `trial`; any error ends the search, while KerasTuner would skip it."""
        try:
            folder = Path(self.project_dir) / "tensorboard" / trial.trial_id
            metrics = task.run(trial.hyperparameters.values, folder)
        except Exception as error:
            raise keras_tuner.errors.FatalError from error
        print(
            f"trial {trial.trial_id}: validation accuracy {metrics['val_accuracy']:.2%}, "
            f"epochs {metrics['epochs']}, {metrics['seconds']:.0f} s",
            flush=True,
        )
        return metrics

    def on_trial_end(self, trial: Any) -> None:
        """Complete `trial`, even if its result could not be written at the first attempt.

        The oracle of this process has the result and writes it again, or raises. In a worker, the
        chief may not have the result; raises `SearchError`.
        """
        if trial.status != TrialStatus.COMPLETED and cluster.tuner_name():
            raise SearchError(
                f"trial {trial.trial_id}: the result did not reach the chief; {SEE_CHIEF}"
            )
        trial.status = TrialStatus.COMPLETED
        self.oracle.end_trial(trial)


def make_tuner(task: SearchTask, folder: Path) -> keras_tuner.Tuner:
    """The tuner for `task.tune.algorithm`, with the trials that are in `folder`."""
    make = partial(_make_oracle, task, folder / "oracle.json")
    oracle = make() if cluster.tuner_name() else restore_oracle(make)
    return _Tuner(oracle, directory=str(folder.parent), project_name=folder.name)


def _make_oracle(task: SearchTask, path: Path) -> StoredOracle:
    settings, declared = task.tune.algorithm, declare_hyperparameters(task.tune.space)
    declared.Fixed(KEY, task.key)
    shared: dict[str, Any] = {
        "objective": OBJECTIVE,
        "hyperparameters": declared,
        "seed": 1 + task.tune.seed * SEED_STRIDE % (2**32 - 1),  # 0 would be a random seed
    }
    if settings.kind == "hyperband":
        rounds = {"factor": settings.factor, "hyperband_iterations": settings.iterations}
        return Hyperband(path, max_epochs=settings.epochs, **rounds, **shared)
    shared["max_trials"] = settings.trials
    if settings.kind == "bayesian":
        return Bayesian(path, num_initial_points=settings.initial_trials, **shared)
    return Random(path, **shared)


def search(task: SearchTask, folder: Path) -> list[dict[str, Any]]:
    """Run the trials that are missing in `folder`; return all completed trials.

    Each is a row with its ID (`trial`), `METRICS` and settings by dotted name. A chief serves its
    workers until no trial is left; a worker runs trials until then and returns an empty list.

    Raises what a trial raised, `SearchError` if the chief does not answer, and `OSError` if
    KerasTuner's files cannot be written.
    """
    tf.get_logger().setLevel("ERROR")  # it warns that every trial traces its own functions
    try:
        tuner = make_tuner(task, folder)
        with warnings.catch_warnings():  # a Gaussian process of a few trials seldom converges
            warnings.simplefilter("ignore", ConvergenceWarning)
            tuner.search(task, verbose=0)
    except keras_tuner.errors.FatalError as error:
        raise error.__cause__ or error from None
    except tf.errors.OpError as error:  # KerasTuner writes files with TensorFlow
        remove_unreadable(folder)
        raise OSError(error.message) from error
    except grpc.RpcError as error:
        raise SearchError(f"no answer from the chief; {SEE_CHIEF}") from error
    if cluster.tuner_name():
        return []
    trials = sorted(tuner.oracle.trials.items())
    return [_row(task, trial) for _, trial in trials if trial.status == "COMPLETED"]


def _row(task: SearchTask, trial: Any) -> dict[str, Any]:
    known = trial.metrics
    metrics = {name: known.get_last_value(name) for name in METRICS if known.exists(name)}
    settings = decode_values(task.tune.space, trial.hyperparameters.values)
    return {"trial": trial.trial_id, **dict.fromkeys(METRICS), **metrics, **settings}
