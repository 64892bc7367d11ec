"""McNemar's exact test: is one network better than another on the same test images?

It looks at the images on which exactly one of two networks is correct. If both are equally good,
each is correct on about half of them. Source: Dietterich, "Approximate Statistical Tests for
Comparing Supervised Classification Learning Algorithms", 1998, section 3.1.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest


class Contingency(NamedTuple):
    """Numbers of test images by which networks are correct, and the two-sided p-value."""

    both: int
    only_first: int
    only_second: int
    neither: int
    p_value: float


def compare(first: np.ndarray, second: np.ndarray) -> Contingency:
    """Compare two networks; `first` and `second` (bool [images]) say where each is correct.

    >>> compare(np.array([True, True, True, False]), np.array([True, False, False, False]))
    Contingency(both=1, only_first=2, only_second=0, neither=1, p_value=0.5)
    """
    only = int((first & ~second).sum()), int((second & ~first).sum())
    p_value = float(binomtest(only[0], sum(only)).pvalue) if sum(only) else 1.0
    return Contingency(int((first & second).sum()), *only, int((~first & ~second).sum()), p_value)


def rows(is_correct: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    """A row of text for every two networks of `is_correct` (bool [images] by name)."""
    for first, second in combinations(is_correct, 2):
        table = compare(is_correct[first], is_correct[second])
        yield {
            "networks": f"{first}, {second}",
            "both correct": f"{table.both:,d}",
            "only the first": f"{table.only_first:,d}",
            "only the second": f"{table.only_second:,d}",
            "neither": f"{table.neither:,d}",
            "p": f"{table.p_value:.1e}",
        }
