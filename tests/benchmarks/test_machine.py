"""Statistics of repeated measurements."""

import pytest

from benchmarks.machine import prediction_interval, spread_statistics


def test_a_spread_of_known_numbers():
    assert spread_statistics([1.0, 2.0, 6.0]) == {
        "n": 3, "median": 2.0, "mean": 3.0, "sd": 2.64575, "min": 1.0, "max": 6.0,
    }  # fmt: skip
    assert spread_statistics([4.0])["sd"] == 0.0


def test_an_interval_of_known_numbers():
    """Student's quantile for 97.5 % and 4 degrees of freedom is 2.776 in any table."""
    half = 2.7764 * 2.5**0.5 * 1.2**0.5
    interval = prediction_interval([1.0, 2.0, 3.0, 4.0, 5.0], 0.95)
    assert interval == pytest.approx((3 - half, 3 + half), abs=1e-3)
