"""Which test images and classes the figures show."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def confident_mistakes(predictions: pd.DataFrame, count: int) -> np.ndarray:
    """The rows (int [at most count]) that were wrong, most confident first."""
    wrong = predictions[predictions["actual"] != predictions["predicted"]]
    ordered = wrong.sort_values("confidence", ascending=False, kind="stable")
    return ordered.index[:count].to_numpy()


def worst_classes(classes: pd.DataFrame, count: int) -> list[str]:
    """The names of the `count` classes with the lowest F1, or of all, in the order of labels."""
    worst = classes.sort_values("f1", kind="stable").index[:count]
    return classes["class"][worst.sort_values()].tolist()


def examples(predictions: pd.DataFrame, names: Sequence[str], count: int) -> list[np.ndarray]:
    """Rows (int [at most count] for each name) evenly spread from the most confident of it on."""
    ordered = predictions.sort_values("confidence", ascending=False, kind="stable")
    found = [ordered.index[ordered["actual"] == name].to_numpy() for name in names]
    spread = [np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int) for rows in found]
    return [rows[places] for rows, places in zip(found, spread, strict=True)]
