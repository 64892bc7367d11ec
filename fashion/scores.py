"""How good predictions are, as numbers. Arrays in, plain numbers out.

`probabilities` is always float [count, classes], rows summing to one; `labels` is integer
[count]; a confusion matrix is int [classes, classes] with a row for each true class.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

DIGITS = 6
TINY = 1e-7


def accuracy(probabilities: np.ndarray, labels: np.ndarray, *, top: int = 1) -> float:
    """The share of rows whose label is among the `top` most probable classes."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    return float((best == labels[:, None]).any(axis=1).mean())


def wilson_interval(share: float, count: int, level: float) -> tuple[float, float]:
    """The interval that holds the true rate at confidence `level`, given `share` of `count`.

    Source: Wilson (1927), as recommended by Brown, Cai and DasGupta (2001),
    doi.org/10.1214/ss/1009213286.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    scale = 1 + z * z / count
    centre = (share + z * z / (2 * count)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return float(centre - half), float(centre + half)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean negative log-probability of the labels, in nats."""
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(chosen, TINY, 1.0)).mean())


def confusion_matrix(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """How often each true class (row) was taken for each class (column)."""
    pairs = labels.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def per_class(matrix: np.ndarray) -> pd.DataFrame:
    """Columns `precision`, `recall`, `f1` with a row for each class; 0 where undefined."""
    hits = np.diag(matrix).astype(np.float64)
    precision = _ratio(hits, matrix.sum(axis=0))
    recall = _ratio(hits, matrix.sum(axis=1))
    f1 = _ratio(2 * precision * recall, precision + recall)
    return pd.DataFrame({"precision": precision, "recall": recall, "f1": f1})


def _ratio(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    return np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes > 0)


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> pd.DataFrame:
    """How often a prediction is right, by how sure it was: a row for each of `bins` equal bins.

    Columns: `low` and `high` (edges), `count`, `confidence` and `accuracy` (means of the bin;
    NaN where it is empty).
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    members = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, bins - 1)
    count = np.bincount(members, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [
            np.bincount(members, weights=values, minlength=bins) / count
            for values in (confidence, correct)
        ]
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "count": count,
            "confidence": means[0],
            "accuracy": means[1],
        }
    )


def expected_calibration_error(table: pd.DataFrame) -> float:
    """The mean distance of confidence and accuracy over the bins of `reliability`.

    Source: Guo et al., "On Calibration of Modern Neural Networks", arxiv.org/abs/1706.04599.
    """
    gaps = (table["confidence"] - table["accuracy"]).abs().fillna(0)
    return float((gaps * table["count"]).sum() / table["count"].sum())


def report(
    probabilities: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    *,
    level: float,
    bins: int,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """All scores of one model, rounded to six digits, and its reliability table of `bins` bins.

    `level` is the confidence of the accuracy interval. Scores of single classes stand under
    `per_class` by the names in `names`.
    """
    right = accuracy(probabilities, labels)
    low, high = wilson_interval(right, len(labels), level)
    matrix = confusion_matrix(probabilities.argmax(axis=1), labels, len(names))
    classes = per_class(matrix).set_axis(list(names))
    table = reliability(probabilities, labels, bins)
    metrics = {
        "accuracy": right,
        "accuracy_low": low,
        "accuracy_high": high,
        "confidence_level": level,
        "loss": cross_entropy(probabilities, labels),
        "macro_f1": float(classes["f1"].mean()),
        "top2_accuracy": accuracy(probabilities, labels, top=2),
        "ece": expected_calibration_error(table),
    }
    rounded = {name: round(value, DIGITS) for name, value in metrics.items()}
    return rounded | {"per_class": classes.round(DIGITS).to_dict("index")}, table.round(DIGITS)
