"""Paired comparisons of networks on the same images."""

import numpy as np
import pytest

from research.mcnemar import compare, rows


def right(both, first_alone, second_alone, neither):
    """Who is right about images, so many of each kind."""
    counts = (both, first_alone, second_alone, neither)
    return np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], counts, axis=1).astype(bool)


def test_only_images_that_one_of_two_is_right_about_tell():
    """The sign test of 1 against 9: 2 * (1 + 10) / 2**10."""
    pair = compare(*right(50, 1, 9, 40))
    assert pair[:4] == (50, 1, 9, 40)
    assert pair.p_value == pytest.approx(22 / 1024)
    assert compare(*right(5000, 1, 9, 4)).p_value == pair.p_value


def test_networks_that_are_right_about_the_same_images_do_not_differ():
    assert compare(*right(9, 0, 0, 1)).p_value == 1


def test_every_two_networks_have_a_row():
    first, second = right(50, 1, 9, 40)
    table = [*rows({"a": first, "b": second, "c": second})]
    assert [row["networks"] for row in table] == ["a, b", "a, c", "b, c"]
    assert (table[0]["the first alone"], table[0]["the second alone"]) == ("1", "9")
    assert (table[0]["p"], table[2]["p"]) == ("2.1e-02", "1.0e+00")
