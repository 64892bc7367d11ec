import keras
import numpy as np
import pytest

from fashion.export import formats, onnx_knn, parity
from fashion.inference_model import make_inference_model
from tests.export.conftest import IMAGES, NEAREST, ROWS


@pytest.fixture
def found(exported):
    return parity.run_onnx(exported[1]["onnx"], IMAGES, threads=1)


def distances(features, kept):
    """All Euclidean distances of rows of unit length, float64."""
    one, other = (onnx_knn.normalize(rows.astype(np.float64)) for rows in (features, kept))
    return np.linalg.norm(one[:, None] - other[None], axis=2)


def test_distance_is_the_mean_to_the_nearest_kept_images(found):
    every = distances(found["features"], found["features"][ROWS])
    expected = np.sort(every, axis=1)[:, :NEAREST].mean(axis=1)
    assert found["distance"].dtype == np.float32
    np.testing.assert_allclose(found["distance"], expected, atol=0.03 * np.median(every))


def test_distance_is_to_what_the_bytes_stand_for(found):
    held = onnx_knn.quantize(onnx_knn.normalize(found["features"][ROWS])).values()
    unit = onnx_knn.normalize(found["features"])
    every = np.linalg.norm(unit[:, None].astype(np.float64) - held[None], axis=2)
    order = np.argsort(every, axis=1)[:, :NEAREST]
    expected = np.take_along_axis(every, order, axis=1).mean(axis=1)
    np.testing.assert_allclose(found["distance"], expected, atol=1e-4)
    np.testing.assert_array_equal(found["neighbours"], ROWS[order])


def test_neighbours_are_places_among_all_training_images_nearest_first(found):
    places = found["neighbours"]
    assert places.dtype == np.int64
    assert np.isin(places, ROWS).all()
    np.testing.assert_array_equal(places[ROWS, 0], ROWS)  # the nearest to a kept image is itself
    every = distances(found["features"], found["features"])
    chosen = np.take_along_axis(every, places, axis=1)
    assert (np.diff(chosen, axis=1) > -0.03 * np.median(every)).all()


def test_a_kept_image_is_nearer_than_one_that_is_not(found):
    others = np.setdiff1d(np.arange(len(IMAGES)), ROWS)
    assert found["distance"][ROWS].mean() < found["distance"][others].mean()


def test_features_that_are_all_zero_have_a_distance(capfd):
    images = keras.Input((4, 4), name="images")
    features = keras.layers.Flatten(name="flatten")(images)
    last = keras.layers.Dense(2, activation="softmax", name="probabilities")
    predictions = make_inference_model(keras.Model(images, last(features)))
    pixels = np.stack([np.zeros((4, 4)), np.eye(4) * 9, np.ones((4, 4))]).astype(np.uint8)
    graph = formats.make_graph(predictions, pixels, np.array([1, 2]), nearest=1)
    found = parity.run_onnx(graph.SerializeToString(), pixels, threads=1)
    np.testing.assert_allclose(found["distance"], [1, 0, 0], atol=5e-3)
    assert capfd.readouterr().out == ""


def test_features_become_signed_roots_in_rows_of_unit_length():
    features = np.array([[4, -9, 0], [0, 0, 0], [0.25, 0, 0]], np.float32)
    expected = [[2 / 13**0.5, -3 / 13**0.5, 0], [0, 0, 0], [1, 0, 0]]
    np.testing.assert_allclose(onnx_knn.normalize(features), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("column", "scale", "zero_point", "codes"),
    [
        ([0, 1, 2.55], 0.01, -128, [-128, -28, 127]),
        ([-1, 0, 1.55], 0.01, -28, [-128, -28, 127]),
        ([-2.55, -1.004, 0], 0.01, 127, [-128, 27, 127]),
        ([2.55, 2.55, 1.0], 0.01, -128, [127, 127, -28]),  # from zero on
        ([-5.1, -5.1, -5.1], 0.02, 127, [-128, -128, -128]),
        ([0, 0, 0], 1, -128, [-128, -128, -128]),
    ],
)
def test_a_column_has_255_steps_from_its_smallest_to_its_largest_value_and_zero(
    column, scale, zero_point, codes
):
    values = np.array([column, [0, 0, 510]], np.float32).T  # each column has its own
    held = onnx_knn.quantize(values)
    assert held.scale.tolist() == pytest.approx([scale, 2])
    assert held.zero_point.tolist() == [zero_point, -128]
    assert held.codes[:, 0].tolist() == codes
    expected = [(code - zero_point) * scale for code in codes]
    np.testing.assert_allclose(held.values()[:, 0], expected, rtol=1e-5)


def test_a_byte_holds_a_feature_to_a_255th_of_its_range_and_zero_exactly():
    values = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    values[:, 0] = np.abs(values[:, 0])
    values[:, 1] = 0
    values[0] = 0
    held = onnx_knn.quantize(values)
    assert held.codes.dtype == held.zero_point.dtype == np.int8
    assert held.scale.dtype == held.values().dtype == np.float32
    ranges = values.max(axis=0) - values.min(axis=0)
    assert (np.abs(held.values() - values) <= ranges / neighbours.LEVELS + 1e-7).all()
    assert (held.values()[values == 0] == 0).all()


def test_kept_images_are_equally_of_each_class_and_the_same_each_time():
    labels = (
        np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [40, 30, 5])).astype(np.uint8)
    )
    rows = onnx_knn.select(labels, 26, seed=0)
    assert np.bincount(labels[rows]).tolist() == [9, 9, 5]  # all that the smallest has
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, onnx_knn.select(labels, 26, seed=0))
    assert rows.tolist() != onnx_knn.select(labels, 26, seed=1).tolist()
    assert len(onnx_knn.select(labels, 6000, seed=0)) == len(labels)


@pytest.mark.parametrize(
    ("count", "kept"),
    [(26, [9, 9, 8]), (27, [9, 9, 9]), (28, [10, 9, 9]), (2, [1, 1, 0]), (1, [1, 0, 0])],
)
def test_what_does_not_divide_is_kept_of_the_first_classes(count, kept):
    labels = np.tile(np.array([3, 5, 7], np.uint8), 20)
    rows = onnx_knn.select(labels, count, seed=0)
    assert np.bincount(labels[rows], minlength=8)[[3, 5, 7]].tolist() == kept


def test_where_fewer_are_kept_than_nearest_the_distance_is_that_to_all():
    images = keras.Input((4, 4), name="images")
    features = keras.layers.Flatten(name="flatten")(images)
    last = keras.layers.Dense(2, activation="softmax", name="probabilities")
    predictions = make_inference_model(keras.Model(images, last(features)))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 4), dtype=np.uint8)
    graph = formats.make_graph(predictions, pixels, np.array([0, 2]), nearest=5)
    found = parity.run_onnx(graph.SerializeToString(), pixels, threads=1)
    assert np.sort(found["neighbours"], axis=1).tolist() == [[0, 2]] * 4
    expected = distances(found["features"], found["features"][[0, 2]]).mean(axis=1)
    np.testing.assert_allclose(found["distance"], expected, atol=0.02)
