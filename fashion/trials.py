"""What a search found, as tables: its trials, what mattered in them, and the best of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from fashion.space import Value

MEASURED = ("trial", "goes_on_with", "epochs", "val_accuracy", "val_loss", "parameters", "seconds")
TREES = 300
REPEATS = 30


def trial_table(
    names: Sequence[str],
    trials: Sequence[tuple[str, Mapping[str, Value], Mapping[str, float]]],
) -> pd.DataFrame:
    """A row for each trial: what was measured, and the values of the hyperparameters `names`.

    `trials` are (name, values, metrics). `goes_on_with` is the trial that Hyperband chose to train
    for longer; a hyperparameter that has no meaning in a trial is missing there.
    """
    rows = [
        {
            "trial": trial,
            "goes_on_with": values.get("tuner/trial_id"),
            "epochs": int(metrics["epochs"]),
            "val_accuracy": round(metrics["val_accuracy"], 6),
            "val_loss": round(metrics["val_loss"], 6),
            "parameters": int(metrics["parameters"]),
            "seconds": round(metrics["seconds"], 1),
            **{name: values.get(name) for name in names},
        }
        for trial, values, metrics in trials
    ]
    return pd.DataFrame(rows, columns=[*MEASURED, *names])


def best_trial(table: pd.DataFrame) -> pd.Series:
    """The row with the highest validation accuracy among those trained for the most epochs."""
    longest = table[table["epochs"] == table["epochs"].max()]
    return longest.loc[longest["val_accuracy"].idxmax()]


def positions(table: pd.DataFrame) -> pd.DataFrame:
    """Where each trial stands on the axis of each hyperparameter, for parallel coordinates.

    Columns: `trial`, `epochs`, `val_accuracy`, `hyperparameter`, `position` (from 0 for the lowest
    value that occurs to 1 for the highest, evenly by rank) and `value` (text). Axes come in the
    order of `table`, learning rates on one, `val_accuracy` last; a missing value has no row.
    """
    axes = list(dict.fromkeys(name.partition(".")[0] for name in _searched(table)))
    parts = [
        _axis(table, axis, column)
        for axis in [*axes, "val_accuracy"]
        for column in table.columns
        if column.partition(".")[0] == axis
    ]
    return pd.concat(parts, ignore_index=True)


def _axis(table: pd.DataFrame, axis: str, column: str) -> pd.DataFrame:
    values = table[column].dropna()
    highest = max(values.nunique() - 1, 1)
    place = (values.rank(method="dense") - 1) / highest
    kind = column.partition(".")[2]
    return table.loc[values.index, ["trial", "epochs", "val_accuracy"]].assign(
        hyperparameter=axis,
        position=place.round(4),
        value=(kind + " " + values.map(_text)).str.strip(),
    )


def _searched(table: pd.DataFrame) -> list[str]:
    """The columns of hyperparameters."""
    return [name for name in table.columns if name not in MEASURED]


def _text(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def importance(table: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """How much worse a forest fits the accuracies when a column is shuffled, most important first.

    Columns: `hyperparameter` (with `epochs`, which Hyperband varies, among them), `importance`
    (mean fall of the coefficient of determination) and `std` (over shuffles). Only what varies
    has a row. Learning rates of different optimizers share one, by their rank within their kind.
    Source: Breiman, "Random Forests", Machine Learning 45, 2001.
    """
    features = _features(table)
    forest = RandomForestRegressor(TREES, random_state=seed, min_samples_leaf=2)
    forest.fit(features, table["val_accuracy"])
    shuffled: Any = permutation_importance(
        forest, features, table["val_accuracy"], n_repeats=REPEATS, random_state=seed
    )
    rows = pd.DataFrame(
        {
            "hyperparameter": features.columns,
            "importance": shuffled.importances_mean.round(4),
            "std": shuffled.importances_std.round(4),
        }
    )
    return rows.sort_values("importance", ascending=False, kind="stable").reset_index(drop=True)


def _features(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers without gaps: words by their place in the alphabet, a missing width as 0."""
    names = _searched(table)
    rates = [name for name in names if name.startswith("learning_rate.")]
    columns = {name: table[name] for name in names if name not in rates}
    if rates:
        columns["learning_rate"] = table[rates].rank(pct=True).max(axis=1)
    columns["epochs"] = table["epochs"]
    numbers = {
        name: column.fillna(0)
        if pd.api.types.is_numeric_dtype(column)
        else column.astype("category").cat.codes
        for name, column in columns.items()
    }
    features = pd.DataFrame(numbers).astype(float)
    return features.loc[:, features.min() < features.max()]
