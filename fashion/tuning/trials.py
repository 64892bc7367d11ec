"""What a search found, as tables: its trials, and which settings mattered.

In the table of trials the columns after `seconds` are the settings that were searched.
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
    """The rows of `fashion.tuning.search.search`; values that are no scalars as JSON texts."""
    table = pd.DataFrame(trials).astype({"epochs": int, "parameters": int, "val_loss": float})
    return table.round(DIGITS).map(
        lambda value: json.dumps(value) if isinstance(value, list | dict) else value
    )


def settings_in(table: pd.DataFrame) -> list[str]:
    """The names of the settings in a table of trials."""
    return list(table.loc[:, "seconds":].columns[1:])


def best_trial(trials: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The one with the highest validation accuracy among those trained for the most epochs."""
    return max(trials, key=lambda trial: (trial["epochs"], trial["val_accuracy"]))


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` by dotted name, as a tree."""
    document: dict[str, Any] = {}
    for name, value in values.items():
        assign(document, name, value)
    return document


def importance(table: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """How much worse a forest fits the accuracies if a setting is shuffled, most important first.

    Columns: `hyperparameter` (with `epochs`, which Hyperband varies), `importance` (mean decrease
    of the coefficient of determination) and `std` (over shuffles). What did not vary has no row.
    Source: Breiman, "Random Forests", Machine Learning 45, 2001.
    """
    features = table[[*settings_in(table), "epochs"]].apply(_numbers)
    features = features.loc[:, features.min() < features.max()]
    if features.empty:
        return pd.DataFrame(columns=["hyperparameter", "importance", "std"])
    forest = RandomForestRegressor(min_samples_leaf=2, random_state=seed)
    forest.fit(features, table["val_accuracy"])
    shuffled = permutation_importance(
        forest, features, table["val_accuracy"], n_repeats=REPEATS, random_state=seed
    )
    mean, std = shuffled.importances_mean.round(4), shuffled.importances_std.round(4)
    rows = pd.DataFrame({"hyperparameter": features.columns, "importance": mean, "std": std})
    return rows.sort_values("importance", ascending=False, kind="stable")


def _numbers(column: pd.Series) -> pd.Series:
    """Texts by their place in the alphabet."""
    is_number = pd.api.types.is_numeric_dtype(column)
    return (column if is_number else column.astype("category").cat.codes).astype(float)
