"""KerasTuner's oracles, with a state on disk that survives full disks, kills and lost files.

KerasTuner writes `oracle.json` and `trial_*/trial.json` in place and reads them unchecked, so a
search that is interrupted during a write cannot resume (github.com/keras-team/keras-tuner, issues
453 and 987). Here `oracle.json` also holds the trials and is replaced as a whole. If it cannot be
read, the search starts from its seed, and takes results from `trial.json` instead of training.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus

from fashion.io.files import write_text

KEY = "search"  # a fixed hyperparameter that identifies the search of a trial
TRIALS = "trial_*/trial.json"
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)  # not JSON, or not KerasTuner's


class StoredOracle(keras_tuner.Oracle):
    """An oracle whose whole state is in the file `path`.

    `results` holds completed trials by ID, which the search uses instead of the same training.
    """

    def __init__(self, path: Path, **options: Any) -> None:
        super().__init__(**options)
        self.path, self.key = path, self.hyperparameters.get(KEY)
        self.results: dict[str, Trial] = {}

    def get_state(self) -> dict[str, Any]:
        """KerasTuner's state, with the trials and results themselves."""
        return super().get_state() | {
            name: {key: trial.get_state() for key, trial in trials.items()}
            for name, trials in (("trials", self.trials), ("results", self.results))
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore `state`; trials that were not completed are the next to be created."""
        self.trials, self.results = (
            {name: self.as_trial(trial) for name, trial in state[trials].items()}
            for trials in ("trials", "results")
        )
        ongoing = state["ongoing_trials"].values()  # may hold a trial that has just been completed
        queue = state["retry_queue"] + [n for n in ongoing if not self.has_result(n)]
        super().set_state({**state, "retry_queue": queue, "ongoing_trials": {}})

    def has_result(self, name: str) -> bool:
        """Whether the trial with the ID `name` is completed."""
        return self.trials[name].status == TrialStatus.COMPLETED

    def as_trial(self, state: Any) -> Trial:
        """The trial that `state` describes; raises one of `UNREADABLE` if that is impossible."""
        trial = Trial.from_state(state)
        if trial.hyperparameters.get(KEY) != self.key:
            raise ValueError(f"trial {trial.trial_id} belongs to another search")
        return trial

    def save(self) -> None:
        """Write the state, complete or not at all."""
        write_text(self.path, json.dumps(self.get_state()))

    def reload(self) -> None:
        """Restore the state in `path`; raises `OSError` or one of `UNREADABLE`."""
        self.set_state(json.loads(self.path.read_text(encoding="utf-8")))

    @keras_tuner.synchronized
    def create_trial(self, tuner_id: str) -> Trial:
        """The next trial without a result."""
        while True:
            trial = super().create_trial(tuner_id)
            name = self._find_result(trial)
            if name is None:
                return trial
            result = self.results.pop(name)
            if _training(result) != _training(trial):
                trial.hyperparameters = result.hyperparameters
            trial.metrics, trial.status = result.metrics, TrialStatus.COMPLETED
            self.end_trial(trial)

    def _find_result(self, trial: Trial) -> str | None:
        """The ID of a result for the values of `trial`, or else of a result with the same ID.

        Several workers, or an interrupted Gaussian process, draw other values when they draw again,
        so a result with other values also counts. Hyperband is the exception, because
        it compares the trials of a round.
        """
        if trial.status == TrialStatus.RUNNING:
            wanted = _training(trial)
            same = (name for name, result in self.results.items() if _training(result) == wanted)
            by_id = [trial.trial_id] if "tuner/epochs" not in wanted else []
            return next((name for name in (*same, *by_id) if name in self.results), None)
        return None


class Random(StoredOracle, keras_tuner.oracles.RandomSearchOracle):
    """Random values."""


class Bayesian(StoredOracle, keras_tuner.oracles.BayesianOptimizationOracle):
    """Values for which a Gaussian process expects the highest accuracy."""


class Hyperband(StoredOracle, keras_tuner.oracles.HyperbandOracle):
    """Many short trials; the best are trained for longer."""


def restore_oracle(make: Callable[[], StoredOracle]) -> StoredOracle:
    """Create an oracle with `make`, and restore the state and trials of an earlier run.

    Prints a line for each file that cannot be read. Raises `OSError`.
    """
    oracle = make()
    trials, damaged = _read_trials(oracle)
    objective = oracle.objective.name
    results = {name: trial for name, trial in trials.items() if trial.metrics.exists(objective)}
    try:
        oracle.reload()
    except (FileNotFoundError, *UNREADABLE) as error:
        oracle = make()  # the other may be restored in part
        if trials or damaged or not isinstance(error, FileNotFoundError):
            _report(oracle.path, f"the search keeps the {len(results)} trials that have a result")
    finished = {name for name in oracle.trials if oracle.has_result(name)}
    oracle.results |= {name: results[name] for name in results.keys() - finished}
    if oracle.results:
        oracle.save()  # before KerasTuner writes the files that they were read from
    for path in sorted(damaged - {_trial_path(oracle, name) for name in finished}):
        _report(path, "its trial starts over")
    for name in sorted(finished - trials.keys()):
        _report(_trial_path(oracle, name), f"written again from {oracle.path.name}")
        write_text(_trial_path(oracle, name), json.dumps(oracle.trials[name].get_state()))
    return oracle


def remove_unreadable(folder: Path) -> None:
    """Remove each `trial.json` in `folder` that KerasTuner could not write completely."""
    for path in folder.glob(TRIALS):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            path.unlink()


def _read_trials(oracle: StoredOracle) -> tuple[dict[str, Trial], set[Path]]:
    """The trials in KerasTuner's own files, by ID, and the files that cannot be read."""
    trials, damaged = {}, set()
    for path in oracle.path.parent.glob(TRIALS):
        try:
            trial = oracle.as_trial(json.loads(path.read_text(encoding="utf-8")))
        except UNREADABLE:
            damaged.add(path)
        else:
            trials[trial.trial_id] = trial
    return trials, damaged


def _trial_path(oracle: StoredOracle, name: str) -> Path:
    return oracle.path.parent / f"trial_{name}" / "trial.json"


def _training(trial: Trial) -> dict[str, Any]:
    """The values that the result of `trial` depends on, without Hyperband's bookkeeping."""
    values = trial.hyperparameters.values
    return {n: v for n, v in values.items() if not n.startswith("tuner/") or n == "tuner/epochs"}


def _report(path: Path, what: str) -> None:
    print(f"{path}: {'cannot be read' if path.exists() else 'missing'}; {what}", flush=True)
