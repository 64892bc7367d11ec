"""Repeated measurements in a few numbers."""

from collections.abc import Sequence
from math import sqrt
from statistics import mean, median, stdev

DIGITS = 5


def spread(values: Sequence[float]) -> dict[str, float]:
    """Count, median, mean, standard deviation (of a sample), least and greatest of `values`."""
    deviation = stdev(values) if len(values) > 1 else 0.0
    numbers = {
        "median": median(values),
        "mean": mean(values),
        "sd": deviation,
        "min": min(values),
        "max": max(values),
    }
    return {"n": len(values), **{name: round(number, DIGITS) for name, number in numbers.items()}}


def prediction_interval(values: Sequence[float], level: float) -> tuple[float, float]:
    """The interval that holds one more value of the same kind with probability `level`.

    mean ± t(n - 1, (1 + level) / 2) · s · sqrt(1 + 1 / n), where s is the standard deviation of
    the n `values` (at least two) and t a quantile of Student's distribution. The values are taken
    for a sample of a normal distribution of unknown mean and variance. Source: Hahn, Meeker and
    Escobar, "Statistical Intervals", 2nd edition, 2017; en.wikipedia.org/wiki/Prediction_interval.
    """
    from scipy.stats import t

    count = len(values)
    half = float(t.ppf((1 + level) / 2, count - 1)) * stdev(values) * sqrt(1 + 1 / count)
    return mean(values) - half, mean(values) + half
