"""Calibration: are predictions with a confidence of 80 % correct 80 % of the time?

Source: Guo et al., "On Calibration of Modern Neural Networks", arxiv.org/abs/1706.04599.
"""

import numpy as np
import pandas as pd


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> pd.DataFrame:
    """Accuracy by confidence: a row for each of `bins` confidence bins of equal width.

    Columns: `low` and `high` (edges), `count`, `confidence` and `accuracy` (means of the bin,
    NaN if it is empty).
    """
    edges = np.linspace(0, 1, bins + 1)
    table = pd.DataFrame(
        {
            "confidence": probabilities.max(axis=1),
            "accuracy": probabilities.argmax(axis=1) == labels,
        }
    )
    bin_numbers = pd.cut(table["confidence"], edges.tolist(), labels=False)
    groups = table.groupby(bin_numbers)
    means = groups.mean().reindex(range(bins))
    counts = groups.size().reindex(range(bins), fill_value=0)
    return pd.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "count": counts.to_numpy(), **means}
    ).round(6)


def expected_calibration_error(table: pd.DataFrame) -> float:
    """The mean gap between confidence and accuracy; `table` is a result of `reliability`."""
    gaps = (table["confidence"] - table["accuracy"]).abs()  # NaN in empty bins, which sum() skips
    return float((gaps * table["count"]).sum() / table["count"].sum())
