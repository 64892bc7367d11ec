"""A search by KerasTuner over this project's own training loop.

KerasTuner draws the values, keeps the trials in a folder from which a search resumes, and serves
workers on other machines where its variables `KERASTUNER_*` say so
(keras.io/keras_tuner/guides/distributed_tuning). Every trial is a whole training with its own
learning-rate schedule, also where Hyperband promotes a short one: the middle of a schedule says
little about its end. An interrupted trial starts over.
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
from fashion.networks.building import build
from fashion.training.batches import Split
from fashion.training.loop import DivergedError, fit
from fashion.tuning.oracles import (
    KEY,
    Bayesian,
    Hyperband,
    Random,
    StoredOracle,
    remove_unreadable,
    resumed,
)
from fashion.tuning.space import declare, values

OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")
METRICS = ("epochs", "val_accuracy", "val_loss", "parameters", "seconds")
CHIEF = "chief; see what it printed, and start this worker again when it runs"
SEEDS_APART = 1_000_003  # KerasTuner adds one to its seed for each value that it draws
PAUSE_SECONDS = 0.2


class SearchError(FashionError):
    """A search that cannot start or cannot continue."""


class Subject(NamedTuple):
    """What is searched; `key` is a digest of all of it."""

    tune: Tune
    base: Model
    train: Split
    validation: Split
    key: str

    def model(self, drawn: Mapping[str, Any]) -> Model:
        """The settings of a trial; raises `SearchError` where they are not those of a model."""
        epochs = drawn.get("tuner/epochs", self.tune.algorithm.epochs)  # Hyperband draws them
        chosen = values(self.tune.space, drawn)
        try:
            return self.base.changed(chosen | {"fit.epochs": epochs})
        except ValidationError as error:
            raise SearchError(f"tune.space gave {chosen}, which is no model: {error}") from error

    def run(self, drawn: Mapping[str, Any]) -> dict[str, float]:
        """Train a new network with `drawn`: its metrics; accuracy 0 and no loss if it diverged."""
        if drawn[KEY] != self.key:
            raise SearchError(
                "the chief has other code, data, packages or parameters than this worker; give "
                "both the same commit and run `dvc repro preprocess` on each"
            )
        start, model, seed = time.perf_counter(), self.model(drawn), self.tune.seed
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        shape, classes = self.train.images.shape[1:], int(self.train.labels.max()) + 1
        network = build(model.network, shape, classes, seed=seed)
        splits = (self.train, self.validation)
        try:
            history = fit(network, *splits, model.fit, model.augment, seed=seed, progress=False)
            last = {name: history[name][-1] for name in ("val_accuracy", "val_loss")}
        except DivergedError as error:
            print(error, flush=True)
            last = {"val_accuracy": 0.0}
        counts = {"epochs": model.fit.epochs, "parameters": network.count_params()}
        return last | counts | {"seconds": time.perf_counter() - start}


class _Tuner(keras_tuner.Tuner):
    """Runs the trials of its oracle, which keeps all state."""

    def save(self) -> None:
        """Have the oracle of this process write its state, as KerasTuner's chief asks."""
        self.oracle.save()

    def reload(self) -> None:
        """Do nothing: there is no state but the oracle's, which has been resumed."""

    def pre_create_trial(self) -> None:
        """Wait: a worker without work is told so at once, and would ask without end."""
        time.sleep(PAUSE_SECONDS)

    def run_trial(self, trial: Any, subject: Subject, **_options: Any) -> dict[str, float]:
        """The metrics of `trial`; any error ends the search, where KerasTuner would skip it."""
        try:
            metrics = subject.run(trial.hyperparameters.values)
        except Exception as error:
            raise keras_tuner.errors.FatalError from error
        print(
            f"trial {trial.trial_id}: validation accuracy {metrics['val_accuracy']:.2%}, "
            f"epochs {metrics['epochs']}, {metrics['seconds']:.0f} s",
            flush=True,
        )
        return metrics

    def on_trial_end(self, trial: Any) -> None:
        """End `trial`; one whose result could not be handed over has not failed.

        The oracle of this process has the result and writes it again, or raises. A chief may not
        have it; raises `SearchError`.
        """
        if trial.status != TrialStatus.COMPLETED and cluster.tuner_name():
            raise SearchError(f"trial {trial.trial_id}: its result did not reach the {CHIEF}")
        trial.status = TrialStatus.COMPLETED
        self.oracle.end_trial(trial)


def make_tuner(subject: Subject, folder: Path) -> keras_tuner.Tuner:
    """The tuner that `subject.tune.algorithm` asks for, with its trials so far in `folder`."""
    make = partial(_make_oracle, subject, folder / "oracle.json")
    oracle = make() if cluster.tuner_name() else resumed(make)
    return _Tuner(oracle, directory=str(folder.parent), project_name=folder.name)


def _make_oracle(subject: Subject, path: Path) -> StoredOracle:
    settings, declared = subject.tune.algorithm, declare(subject.tune.space)
    declared.Fixed(KEY, subject.key)
    shared: dict[str, Any] = {
        "objective": OBJECTIVE,
        "hyperparameters": declared,
        "seed": 1 + subject.tune.seed * SEEDS_APART % (2**32 - 1),  # 0 would be a random one
    }
    if settings.kind == "hyperband":
        rounds = {"factor": settings.factor, "hyperband_iterations": settings.iterations}
        return Hyperband(path, max_epochs=settings.epochs, **rounds, **shared)
    shared["max_trials"] = settings.trials
    if settings.kind == "bayesian":
        return Bayesian(path, num_initial_points=settings.initial_trials, **shared)
    return Random(path, **shared)


def search(subject: Subject, folder: Path) -> list[dict[str, Any]]:
    """Run the trials that are missing in `folder`, and return all that were completed.

    A row each: its ID (`trial`), `METRICS` and settings by dotted name. A chief serves its workers
    until no trial is left; a worker runs trials until then, and returns none. Raises what a trial
    raised, unless its loss diverged, and `OSError` where KerasTuner's files cannot be written.
    """
    tf.get_logger().setLevel("ERROR")  # it warns that every trial traces functions of its own
    try:
        tuner = make_tuner(subject, folder)
        with warnings.catch_warnings():  # a Gaussian process on a few trials seldom converges
            warnings.simplefilter("ignore", ConvergenceWarning)
            tuner.search(subject, verbose=0)
    except keras_tuner.errors.FatalError as error:
        raise error.__cause__ or error from None
    except tf.errors.OpError as error:  # of TensorFlow's files, with which KerasTuner writes
        remove_unreadable(folder)
        raise OSError(error.message) from error
    except grpc.RpcError as error:
        raise SearchError(f"no prediction from the {CHIEF}") from error
    if cluster.tuner_name():
        return []
    trials = sorted(tuner.oracle.trials.items())
    return [_row(subject, trial) for _, trial in trials if trial.status == "COMPLETED"]


def _row(subject: Subject, trial: Any) -> dict[str, Any]:
    found = trial.metrics
    metrics = {name: found.get_last_value(name) for name in METRICS if found.exists(name)}
    settings = values(subject.tune.space, trial.hyperparameters.values)
    return {"trial": trial.trial_id, **dict.fromkeys(METRICS), **metrics, **settings}
