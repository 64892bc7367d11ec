"""The results of a search, as tables: its trials, and the importance of each setting.

In the table of trials, the columns after `seconds` are the settings that were searched.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from fashion.config.loader import assign

REPEATS = 10
DIGITS = {"val_accuracy": 6, "val_loss": 6, "seconds": 1}


def trial_table(trials: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows of `fashion.tuning.search.search`, with lists and mappings as JSON texts."""
    table = pd.DataFrame(trials).astype({"epochs": int, "parameters": int, "val_loss": float})
    return table.round(DIGITS).map(
        lambda value: json.dumps(value) if isinstance(value, list | dict) else value
    )


def setting_columns(table: pd.DataFrame) -> list[str]:
    """The dotted names of the settings in a table of trials."""
    return list(table.loc[:, "seconds":].columns[1:])


def best_trial(trials: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The trial with the highest validation accuracy among those with the most epochs."""
    return max(trials, key=lambda trial: (trial["epochs"], trial["val_accuracy"]))


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` by dotted name, as nested mappings."""
    document: dict[str, Any] = {}
    for name, value in values.items():
        assign(document, name, value)
    return document


def importance_table(table: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """The permutation importance of each setting for a random forest that predicts the accuracy.

    Columns: `hyperparameter` (with `epochs`, which Hyperband varies), `importance` (the mean
    decrease of R² if the setting is shuffled; the highest first) and `std` (over shuffles).
    Settings that did not vary are left out.
    Source: Breiman, "Random Forests", Machine Learning 45, 2001.
    """
    features = table[[*setting_columns(table), "epochs"]].apply(_as_numbers)
    features = features.loc[:, features.min() < features.max()]
    if features.empty:
        return pd.DataFrame(columns=["hyperparameter", "importance", "std"])
    forest = RandomForestRegressor(min_samples_leaf=2, random_state=seed)
    forest.fit(features, table["val_accuracy"])
    result = permutation_importance(
        forest, features, table["val_accuracy"], n_repeats=REPEATS, random_state=seed
    )
    mean, std = result.importances_mean.round(4), result.importances_std.round(4)
    rows = pd.DataFrame({"hyperparameter": features.columns, "importance": mean, "std": std})
    return rows.sort_values("importance", ascending=False, kind="stable")


def _as_numbers(column: pd.Series) -> pd.Series:
    """`column` as floats; texts by their index in alphabetical order."""
    is_number = pd.api.types.is_numeric_dtype(column)
    return (column if is_number else column.astype("category").cat.codes).astype(float)
