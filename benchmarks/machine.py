"""The machine that measurements were made on, and statistics of repeated measurements."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from math import sqrt
from statistics import mean, median, stdev
from typing import Any

import psutil

from fashion.config.stages import Train
from fashion.models.determinism import cpu_info, environment

PACKAGES = ("tensorflow", "keras", "numpy", "dvc")
DIGITS = 5


def describe(*packages: str) -> dict[str, Any]:
    """The processor, the number of cores and of training threads, and versions of packages.

    `instructions` are the best that the processor has. `packages` names further packages.
    """
    threads = Train.load().threads
    return {
        "cpu": cpu_info("model name") or platform.processor() or platform.machine(),
        "instructions": environment(threads, "native")["instructions"],
        "cores": psutil.cpu_count(logical=True),
        "threads": threads,
        "python": platform.python_version(),
        **{package: version(package) for package in (*PACKAGES, *packages)},
    }


def spread_statistics(values: Sequence[float]) -> dict[str, float]:
    """Count, median, mean, sample standard deviation, minimum and maximum of `values`."""
    numbers = {
        "median": median(values),
        "mean": mean(values),
        "sd": stdev(values) if len(values) > 1 else 0.0,
        "min": min(values),
        "max": max(values),
    }
    return {"n": len(values), **{name: round(number, DIGITS) for name, number in numbers.items()}}


def prediction_interval(values: Sequence[float], level: float) -> tuple[float, float]:
    """The interval that contains the next value with probability `level`.

    mean ± t(n - 1, (1 + level) / 2) · s · sqrt(1 + 1 / n), where s is the standard deviation of
    the n `values` (at least two) and t a quantile of Student's distribution. This assumes a sample
    of a normal distribution with unknown mean and variance. Source: Hahn, Meeker and Escobar,
    "Statistical Intervals", 2nd edition, 2017; en.wikipedia.org/wiki/Prediction_interval.
    """
    from scipy.stats import t

    count = len(values)
    half = float(t.ppf((1 + level) / 2, count - 1)) * stdev(values) * sqrt(1 + 1 / count)
    return mean(values) - half, mean(values) + half
