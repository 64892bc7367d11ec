"""Repeated measurements in a few numbers."""

from collections.abc import Sequence
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
