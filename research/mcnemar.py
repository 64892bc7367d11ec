"""Paired comparisons: whether one network is better than another on the same test images.

McNemar's test looks at the images that just one of two is right about: were both as good, each
would be right about half of them. Source: Dietterich, "Approximate Statistical Tests for Comparing
Supervised Classification Learning Algorithms", 1998, section 3.1; the p-value is the exact one.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest


class Contingency(NamedTuple):
    """Counts of test images by who is right about them, and the two-sided p-value."""

    both: int
    first_alone: int
    second_alone: int
    neither: int
    p_value: float


def compare(first: np.ndarray, second: np.ndarray) -> Contingency:
    """`first` and `second` are bool [images]: whether each is right.

    >>> compare(np.array([True, True, True, False]), np.array([True, False, False, False]))
    Contingency(both=1, first_alone=2, second_alone=0, neither=1, p_value=0.5)
    """
    alone = int((first & ~second).sum()), int((second & ~first).sum())
    p_value = float(binomtest(alone[0], sum(alone)).pvalue) if sum(alone) else 1.0
    return Contingency(int((first & second).sum()), *alone, int((~first & ~second).sum()), p_value)


def rows(right: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    """A row for every two networks of `right` (bool [images] by name), as tables show it."""
    for first, second in combinations(right, 2):
        table = compare(right[first], right[second])
        yield {
            "networks": f"{first}, {second}",
            "both right": f"{table.both:,d}",
            "the first alone": f"{table.first_alone:,d}",
            "the second alone": f"{table.second_alone:,d}",
            "neither": f"{table.neither:,d}",
            "p": f"{table.p_value:.1e}",
        }
