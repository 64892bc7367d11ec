import numpy as np
import pytest

from fashion.inference.knn import LEVELS, Bank, normalize, quantize, sample_per_class

RNG = np.random.default_rng(0)
FEATURES = np.abs(RNG.normal(size=(50, 6))).astype(np.float32)


def test_distances_equal_those_to_the_nearest_references():
    bank = Bank.from_features(FEATURES, np.arange(50))
    query = np.abs(RNG.normal(size=(7, 6))).astype(np.float32)
    pairs = np.linalg.norm(normalize(query)[:, None] - bank.values()[None], axis=2)
    expected = np.sort(pairs, axis=1)[:, :3].mean(axis=1)
    np.testing.assert_allclose(bank.distances(query, k=3), expected, atol=1e-5)
    np.testing.assert_allclose(bank.distances(query, k=99), pairs.mean(axis=1), atol=1e-5)


def test_features_that_are_all_zero_have_a_distance():
    bank = Bank.from_features(np.eye(3, dtype=np.float32), np.arange(3))
    np.testing.assert_allclose(bank.distances(np.zeros((1, 3), np.float32), k=1), [1], atol=1e-3)


def test_features_become_signed_square_roots_of_unit_length():
    features = np.array([[4, -9, 0], [0, 0, 0], [0.25, 0, 0]], np.float32)
    expected = [[2 / 13**0.5, -3 / 13**0.5, 0], [0, 0, 0], [1, 0, 0]]
    np.testing.assert_allclose(normalize(features), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("column", "scale", "zero_point", "codes"),
    [
        ([0, 1, 2.55], 0.01, -128, [-128, -28, 127]),
        ([-1, 0, 1.55], 0.01, -28, [-128, -28, 127]),
        ([2.55, 2.55, 1.0], 0.01, -128, [127, 127, -28]),  # the range includes zero
        ([-5.1, -5.1, -5.1], 0.02, 127, [-128, -128, -128]),
        ([0, 0, 0], 1, -128, [-128, -128, -128]),
    ],
)
def test_each_column_is_quantized_to_its_range(column, scale, zero_point, codes):
    found, scales, zero_points = quantize(np.array([column, [0, 0, 510]], np.float32).T)
    assert scales.tolist() == pytest.approx([scale, 2])
    assert zero_points.tolist() == [zero_point, -128]
    assert found[:, 0].tolist() == codes


def test_quantization_keeps_zero_and_one_part_in_255():
    values = RNG.normal(size=(50, 4)).astype(np.float32)
    values[:, 1], values[0] = 0, 0
    bank = Bank(np.arange(50), *quantize(values))
    error = np.abs(bank.values() - values)
    assert (error <= np.ptp(values, axis=0) / LEVELS + 1e-7).all()
    assert (error[values == 0] == 0).all()


@pytest.mark.parametrize(
    ("count", "expected"),
    [(26, [9, 9, 8]), (27, [9, 9, 9]), (2, [1, 1, 0]), (90, [20, 30, 30]), (999, [20, 30, 30])],
)
def test_samples_are_equally_many_of_each_class(count, expected):
    labels = RNG.permutation(np.repeat([3, 5, 7], [20, 30, 30])).astype(np.uint8)
    indices = sample_per_class(labels, count, seed=0)
    assert np.bincount(labels[indices], minlength=8)[[3, 5, 7]].tolist() == expected
    assert (np.diff(indices) > 0).all()
    np.testing.assert_array_equal(indices, sample_per_class(labels, count, seed=0))
