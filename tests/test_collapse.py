"""A network that learned little says so; one that is useful says nothing."""

import numpy as np
import pytest

from fashion.collapse import describe_collapse


@pytest.mark.parametrize(
    ("confusion", "expected"),  # rows: images of each class, columns: answers
    [
        (
            [[6, 0, 0], [3, 0, 0], [3, 0, 0]],
            "always answering 'a' (50.0 %), never answers 'b', 'c'",
        ),
        ([[2, 2, 2], [1, 1, 1], [1, 1, 1]], "no better than always answering 'a' (50.0 %); change"),
        ([[5, 0, 1], [1, 2, 0], [1, 2, 0]], ""),
        ([[6, 0, 0], [0, 3, 0], [1, 2, 0]], "never answers 'c'; try fit.class_weights: balanced"),
        ([[90, 5, 5], [0, 3, 0], [0, 0, 3]], ""),  # weighted classes: useful, if less accurate
    ],
)
def test_faults_are_named(confusion, expected):
    labels, predicted = np.indices((3, 3)).reshape(2, 9).repeat(np.ravel(confusion), axis=1)
    found = describe_collapse(labels, predicted, list("abc"))
    assert expected in found
    assert bool(found) == bool(expected)
