"""A search for better settings by KerasTuner, over this project's own training loop.

KerasTuner's oracle chooses, keeps the trials on the disk, and serves workers on other machines
when `KERASTUNER_*` variables say so. Added to it here: a budget in minutes, files that appear
whole or not at all, lost workers, and the median rule of Golovin et al., "Google Vizier", section
3.2.1 (research.google/pubs/google-vizier-a-service-for-black-box-optimization).

Every trial is a whole training with its own schedule, also where Hyperband goes on with what did
well before: a score from the middle of a schedule says little about its end.
"""

import statistics
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import keras_tuner
import numpy as np
import tensorflow as tf
from keras_tuner import synchronized
from keras_tuner.engine.trial import Trial
from keras_tuner.src.engine import conditions
from sklearn.exceptions import ConvergenceWarning

from fashion import cluster
from fashion.artifacts import write_json
from fashion.checkpoints import Checkpoints
from fashion.errors import FashionError
from fashion.networks import build
from fashion.params import MedianRule, Model, Tune
from fashion.space import apply, choose, declare
from fashion.training import DivergedError, Split, fit

OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")
COMPLETED, IDLE, STOPPED = "COMPLETED", "IDLE", "STOPPED"
EPOCHS = "tuner/epochs"  # by Hyperband
PAUSE_SECONDS = 0.5
# KerasTuner counts one up from its seed for each value that it draws, so that searches of nearby
# seeds would soon draw the same; and it takes 0 for none.
SEEDS_APART = 1_000_003
SIGNS_OF_LIFE = 10  # at least, before a worker is taken to be lost
conditions.print = lambda *_: None  # KerasTuner 1.4.8 prints the conditions that it sends


class SearchError(FashionError):
    """A search that cannot start or cannot go on."""


class Subject(NamedTuple):
    """What is searched: the settings to start from, the images, and the seed of every trial."""

    base: Model
    train: Split
    validation: Split
    classes: int
    seed: int

    def build(self, model: Model, seed: int) -> keras.Model:
        """The network of `model`, as a new process would build it."""
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        return build(model.network, self.train.images.shape[1:], self.classes, seed=seed)

    def fit(
        self, network: keras.Model, model: Model, seed: int, **options: Any
    ) -> dict[str, list[float]]:
        """Train `network` as `model` says, quietly; `options` are those of `training.fit`."""
        return fit(
            network,
            self.train,
            self.validation,
            model.fit,
            model.augment,
            seed=seed,
            progress=False,
            **options,
        )


class _Lasting(keras_tuner.Oracle):
    """An oracle with a budget in seconds, that can be killed, and that outlives its workers."""

    trials: dict[str, Trial]
    _retry_queue: list[str]

    def limit(self, tune: Tune) -> None:
        """Begin no trial beyond the budget of `tune`; take silent workers to be lost."""
        self.max_trials = tune.budget.trials
        self._max_seconds = 60 * tune.budget.minutes
        self._lost_after = tune.lost_after_seconds
        self._heard: dict[str, float] = {}
        self._waiting: set[str] = set()
        self.verbose = 0

    def resume(self, folder: Path) -> None:
        """Keep the trials in `folder`, and take up those that are there."""
        self._set_project_dir(str(folder.parent), folder.name)
        if Path(self._get_oracle_fname()).exists():
            self.reload()

    def reload(self) -> None:
        """Read the last whole state; a trial that was ending or beginning then is whole, too."""
        super().reload()
        self.trials = {name: self.trials[name] for name in self.start_order}
        self._retry_queue = [
            name for name in self._retry_queue if self.trials[name].status != COMPLETED
        ]

    def save(self) -> None:
        """Write the state of the search."""
        write_json(self._get_oracle_fname(), self.get_state())

    def _save_trial(self, trial: Trial) -> None:
        write_json(Path(self._get_trial_dir(trial.trial_id)) / "trial.json", trial.get_state())

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Values for a new trial, unless the time is spent."""
        if sum(result["seconds"] for result in results(self.trials.values())) >= self._max_seconds:
            return {"status": STOPPED}
        return super().populate_space(trial_id)

    @synchronized
    def create_trial(self, tuner_id: str) -> Trial:
        """The next trial; IDLE as long as another tuner might leave one behind."""
        self._heard[tuner_id] = time.monotonic()
        self._drop_lost()
        trial = super().create_trial(tuner_id)
        self._waiting.discard(tuner_id)
        if trial.status == STOPPED:
            self._waiting.add(tuner_id)
            if self.ongoing_trials or not self.tuner_ids <= self._waiting:
                self.tuner_ids.add(tuner_id)
                trial.status = IDLE
        return trial

    def _drop_lost(self) -> None:
        deadline = time.monotonic() - self._lost_after
        for tuner_id in sorted(self.tuner_ids):
            if self._heard[tuner_id] < deadline:
                self.tuner_ids.remove(tuner_id)
                trial = self.ongoing_trials.pop(tuner_id, None)
                if trial:
                    self._retry_queue.append(trial.trial_id)
                    print(f"{tuner_id} is lost; trial {trial.trial_id} begins anew", flush=True)

    @synchronized
    def get_trial(self, trial_id: str) -> Trial:
        """The trial; asked for by the tuner that runs it as a sign of its life."""
        for tuner_id, trial in self.ongoing_trials.items():
            if trial.trial_id == trial_id:
                self._heard[tuner_id] = time.monotonic()
        return super().get_trial(trial_id)

    @synchronized
    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> Trial:
        """Take in the results of a trial, the first time that they are reported."""
        trial = self.trials[trial_id]
        if trial.metrics.exists(OBJECTIVE.name):
            return trial
        return super().update_trial(trial_id, metrics, step)

    @synchronized
    def end_trial(self, trial: Trial) -> None:
        """End a trial, also one that was given up for lost."""
        if trial.trial_id in self.end_order:
            return
        if trial.trial_id in self._retry_queue:
            self._retry_queue.remove(trial.trial_id)
        super().end_trial(trial)
        count = len(self.end_order)
        print(f"trial {trial.trial_id}, the {count}. to end: {self._result(trial)}", flush=True)

    def _result(self, trial: Trial) -> str:
        (result,) = results([self.trials[trial.trial_id]])
        best = max(other["val_accuracy"] for other in results(self.trials.values()))
        return (
            f"{result['val_accuracy']:.2%} after {result['epochs']:.0f} epochs in "
            f"{result['seconds']:.0f} s; best {best:.2%}"
        )


class _Random(_Lasting, keras_tuner.oracles.RandomSearchOracle):
    pass


class _Bayesian(_Lasting, keras_tuner.oracles.BayesianOptimizationOracle):
    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Values for a new trial, the same in a search that was interrupted before it."""
        self._random_state = np.random.RandomState((self.seed + len(self.trials)) % 2**32)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # as always with a few trials
            return super().populate_space(trial_id)


class _Hyperband(_Lasting, keras_tuner.oracles.HyperbandOracle):
    pass


def make_oracle(tune: Tune) -> _Lasting:
    """The oracle that `tune` asks for, within its budget."""
    algorithm = tune.algorithm
    shared: dict[str, Any] = {
        "objective": OBJECTIVE,
        "hyperparameters": declare(tune.space),
        "seed": 1 + SEEDS_APART * tune.seed % (2**32 - 1),
        "allow_new_entries": False,
        "tune_new_entries": False,
    }
    oracle: _Lasting
    if algorithm.kind == "hyperband":
        oracle = _Hyperband(
            max_epochs=algorithm.epochs,
            factor=algorithm.factor,
            hyperband_iterations=algorithm.iterations,
            **shared,
        )
    elif algorithm.kind == "bayesian":
        oracle = _Bayesian(num_initial_points=algorithm.initial_trials, **shared)
    else:
        oracle = _Random(**shared)
    oracle.limit(tune)
    return oracle


def search(tune: Tune, subject: Subject, *, folder: Path, key: str) -> list[Trial]:
    """Run the trials that are missing, and return all, in the order of their start.

    `folder` keeps the search of `key` for a process that goes on with it. A chief serves workers
    until no trial is left; a worker runs trials until its chief ends, and returns nothing.

    Raises `SearchError` if chief and worker search different spaces.
    """
    oracle = make_oracle(tune)
    state, follows = folder / key[:16], cluster.follower() is not None
    if not follows:
        oracle.resume(state)
    tuner = _Tuner(oracle, tune, subject, state, key)
    try:
        tuner.search()
    except keras_tuner.errors.FatalError as error:
        raise error.__cause__ or error from None
    if follows:
        return []
    return [trial for trial in oracle.trials.values() if trial.status == COMPLETED]


def results(trials: Iterable[Trial]) -> list[dict[str, float]]:
    """The metrics of those trials that have an end."""
    return [
        {name: trial.metrics.get_last_value(name) for name in trial.metrics.metrics}
        for trial in trials
        if trial.status == COMPLETED
    ]


class _Tuner(keras_tuner.Tuner):
    """Runs trials by `fashion.training.fit`, each from its own last whole epoch."""

    def __init__(self, oracle: _Lasting, tune: Tune, subject: Subject, state: Path, key: str):
        super().__init__(oracle, directory=str(state.parent), project_name=state.name)
        self._tune = tune
        self._subject = subject
        self._key = key
        self._state = state
        self._idle = False
        tf.get_logger().setLevel("ERROR")  # it warns that every trial traces its functions anew
        if cluster.follower():
            self._check_space()

    def save(self) -> None:
        """Nothing: the oracle keeps all there is."""

    def _check_space(self) -> None:
        own = declare(self._tune.space).to_proto()  # the way in which the chief's came
        if self.oracle.get_space().to_proto() != own:
            raise SearchError("the chief searches another tune.space; give both one params.yaml")

    def pre_create_trial(self) -> None:
        """Wait a little before an oracle that had nothing to do is asked again."""
        if self._idle:
            time.sleep(PAUSE_SECONDS)
        self._idle = True

    def on_trial_begin(self, trial: Trial) -> None:  # noqa: ARG002  KerasTuner's signature
        """Note that there is something to do."""
        self._idle = False

    def run_trial(self, trial: Trial) -> dict[str, float]:
        """Train once with the values of `trial`, and return its metrics by name.

        `val_accuracy` is that after the last epoch, 0 if the loss did not stay finite; those
        after each epoch have the epoch in their names.
        """
        try:
            return self._run(trial)
        except Exception as error:  # KerasTuner would go on without a word
            raise keras_tuner.errors.FatalError from error

    def _run(self, trial: Trial) -> dict[str, float]:
        subject, values = self._subject, trial.hyperparameters.values
        epochs = values.get(EPOCHS, self._tune.algorithm.epochs)
        model = apply(subject.base, choose(self._tune.space, values), epochs=epochs)
        network = subject.build(model, subject.seed)
        checkpoints = Checkpoints(
            self._state / self.tuner_id, f"{self._key} {trial.trial_id} {sorted(values.items())}"
        )
        algorithm = self._tune.algorithm
        interval = self._tune.lost_after_seconds / SIGNS_OF_LIFE
        callbacks = [_SignsOfLife(self.oracle, trial.trial_id, interval)]
        if algorithm.kind != "hyperband":
            callbacks.append(_MedianStopping(self.oracle, algorithm.median_rule))
        try:
            history = subject.fit(
                network, model, subject.seed, callbacks=callbacks, checkpoints=checkpoints
            )
        except DivergedError as error:
            print(f"trial {trial.trial_id}: {error}", flush=True)
            history = {"val_accuracy": [0.0], "val_loss": [0.0]}
        return {
            "val_accuracy": history["val_accuracy"][-1],
            "val_loss": history["val_loss"][-1],
            "epochs": len(history["val_accuracy"]),
            "parameters": network.count_params(),
            "seconds": checkpoints.seconds,
            **{
                epoch_metric(epoch): accuracy
                for epoch, accuracy in enumerate(history["val_accuracy"], start=1)
            },
        }


def epoch_metric(epoch: int) -> str:
    """The name of the validation accuracy after `epoch` epochs."""
    return f"val_accuracy.{epoch}"


class _SignsOfLife(keras.callbacks.Callback):
    """Asks an oracle for a trial every few seconds, which tells it that its worker is there."""

    def __init__(self, oracle: keras_tuner.Oracle, trial_id: str, interval: float):
        super().__init__()
        self._oracle = oracle
        self._trial_id = trial_id
        self._interval = interval
        self._told = 0.0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002  Keras' signature
        if time.monotonic() - self._told > self._interval:
            self._oracle.get_trial(self._trial_id)
            self._told = time.monotonic()


class _MedianStopping(keras.callbacks.Callback):
    """Ends a training that after some epoch is worse than the median of those before it."""

    def __init__(self, oracle: keras_tuner.Oracle, rule: MedianRule):
        super().__init__()
        self._oracle = oracle
        self._rule = rule

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        metric = epoch_metric(epoch + 1)
        trials = results(self._oracle.get_best_trials(self._oracle.max_trials))
        others = [trial[metric] for trial in trials if metric in trial]
        judged = epoch + 1 >= self._rule.epochs and len(others) >= self._rule.trials
        if judged and logs and logs["val_accuracy"] < statistics.median(others):
            self.model.stop_training = True
