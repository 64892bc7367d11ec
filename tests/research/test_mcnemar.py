"""McNemar's exact test of two networks."""

import numpy as np
import pytest

from research.mcnemar import compare


def is_correct(both, only_first, only_second, neither):
    """Where two networks are correct, for these numbers of images."""
    counts = (both, only_first, only_second, neither)
    return np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], counts, axis=1).astype(bool)


def test_the_p_value_depends_only_on_images_where_one_of_two_is_correct():
    """The sign test of 1 against 9: 2 * (1 + 10) / 2**10."""
    result = compare(*is_correct(50, 1, 9, 40))
    assert result[:4] == (50, 1, 9, 40)
    assert result.p_value == pytest.approx(22 / 1024)
    assert compare(*is_correct(5000, 1, 9, 4)).p_value == result.p_value
    assert compare(*is_correct(9, 0, 0, 1)).p_value == 1
