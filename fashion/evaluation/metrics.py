"""Metrics of a classifier.

`probabilities` is float [count, classes] with rows that sum to 1; `labels` is integer [count].
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from sklearn import metrics

from fashion.evaluation.reliability import expected_calibration_error, reliability

DIGITS = 6


def compute_metrics(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> dict[str, float]:
    """Accuracy, loss, macro F1, top-2 accuracy, calibration error, and balanced accuracy.

    All are rounded to six digits. `loss` is the cross-entropy in nats, computed in float64. The
    expected calibration error is over `bins` bins. Balanced accuracy is the mean recall of the
    classes; it equals accuracy if all classes have equally many images.
    """
    probabilities = probabilities.astype(np.float64, copy=False)
    predicted = probabilities.argmax(axis=1)
    calibration = reliability(probabilities, labels, bins)
    scores = {
        "accuracy": accuracy(probabilities, labels),
        "loss": cross_entropy(probabilities, labels),
        "macro_f1": metrics.f1_score(labels, predicted, average="macro"),
        "top2_accuracy": top2_accuracy(probabilities, labels),
        "ece": expected_calibration_error(calibration),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
    }
    return {name: round(float(value), DIGITS) for name, value in scores.items()}


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The fraction of rows whose most probable class is the label, rounded to six digits."""
    return round(float(metrics.accuracy_score(labels, probabilities.argmax(axis=1))), DIGITS)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean of -log of the label's probability, after rows are normalized to sum to 1.

    Equal to `sklearn.metrics.log_loss`, which needs six arrays as large as `probabilities`.
    """
    label_probabilities = probabilities[np.arange(len(labels)), labels] / probabilities.sum(axis=1)
    return float(-np.log(label_probabilities.clip(min=np.finfo(np.float64).eps)).mean())


def top2_accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The fraction of rows whose label is among the two most probable classes."""
    top2 = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    return float((top2 == labels[:, None]).any(axis=1).mean())


def per_class(
    probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> pd.DataFrame:
    """Columns `class`, `precision`, `recall` and `f1`, with a row for each of `classes`."""
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=np.arange(len(classes)), zero_division=0
    )
    columns = {"precision": precision, "recall": recall, "f1": f1}
    return pd.DataFrame({"class": list(classes), **columns}).round(DIGITS)


def predictions(
    probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str], files: Iterable[str]
) -> pd.DataFrame:
    """Columns `file`, `actual`, `predicted` and `confidence`, with a row for each image."""
    names = pd.Index(classes)
    columns = {
        "file": [*files],
        "actual": pd.Categorical.from_codes(labels, names),  # one byte each
        "predicted": pd.Categorical.from_codes(probabilities.argmax(axis=1), names),
        "confidence": probabilities.max(axis=1).astype(float).round(DIGITS),
    }
    return pd.DataFrame(columns)
