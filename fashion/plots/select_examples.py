"""Select the test images and classes that the figures show."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def confident_mistakes(predictions: pd.DataFrame, count: int) -> np.ndarray:
    """Indices (int64 [at most count]) of wrong predictions, most confident first."""
    wrong = predictions[predictions["actual"] != predictions["predicted"]]
    ordered = wrong.sort_values("confidence", ascending=False, kind="stable")
    return ordered.index[:count].to_numpy()


def worst_classes(classes: pd.DataFrame, count: int) -> list[str]:
    """The names of the at most `count` classes with the lowest F1, in the order of labels."""
    worst = classes.sort_values("f1", kind="stable").index[:count]
    return classes["class"][worst.sort_values()].tolist()


def examples(predictions: pd.DataFrame, names: Sequence[str], count: int) -> list[np.ndarray]:
    """For each name, indices (int64 [at most count]) evenly spaced by rank of confidence."""
    ordered = predictions.sort_values("confidence", ascending=False, kind="stable")
    groups = [ordered.index[ordered["actual"] == name].to_numpy() for name in names]
    return [
        group[np.linspace(0, len(group) - 1, min(count, len(group))).astype(int)]
        for group in groups
    ]
