import keras
import numpy as np
import pytest

from fashion import scores

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(400, 5))
SOFTMAX = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
PROBABILITIES = SOFTMAX.astype(np.float32)
LABELS = np.where(RNG.random(400) < 0.6, LOGITS.argmax(axis=1), RNG.integers(0, 5, 400))
PREDICTED = PROBABILITIES.argmax(axis=1)


def keras_score(metric, truth=LABELS):
    metric.update_state(truth, PROBABILITIES)
    return np.asarray(metric.result())


@pytest.mark.parametrize("top", [1, 2, 5])
def test_accuracy_is_that_of_keras(top):
    expected = keras_score(keras.metrics.SparseTopKCategoricalAccuracy(k=top))
    assert scores.accuracy(PROBABILITIES, LABELS, top=top) == pytest.approx(expected)


def test_cross_entropy_is_that_of_keras():
    expected = keras_score(keras.metrics.SparseCategoricalCrossentropy())
    assert scores.cross_entropy(PROBABILITIES, LABELS) == pytest.approx(expected, rel=1e-5)


def test_cross_entropy_of_a_certain_mistake_is_finite():
    assert np.isfinite(scores.cross_entropy(np.array([[1.0, 0.0]]), np.array([1])))


def test_f1_of_each_class_is_that_of_keras():
    matrix = scores.confusion_matrix(PREDICTED, LABELS, 5)
    expected = keras_score(keras.metrics.F1Score(), np.eye(5)[LABELS])
    np.testing.assert_allclose(scores.per_class(matrix)["f1"], expected, rtol=1e-5)


def test_precision_and_recall_by_hand():
    matrix = np.array([[8, 2, 0], [1, 9, 0], [3, 0, 0]])
    table = scores.per_class(matrix)
    np.testing.assert_allclose(table["precision"], [8 / 12, 9 / 11, 0])
    np.testing.assert_allclose(table["recall"], [0.8, 0.9, 0])
    assert table["f1"].iloc[2] == 0


def test_the_confusion_matrix_has_true_classes_in_rows():
    matrix = scores.confusion_matrix(np.array([1, 1, 0]), np.array([0, 1, 0]), 2)
    assert matrix.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (0.0, 10, 0.0, 0.2775), (0.9, 10_000, 0.89396, 0.90573)],
)
def test_the_wilson_interval_is_that_of_the_tables(share, count, low, high):
    assert scores.wilson_interval(share, count, 0.95) == pytest.approx((low, high), abs=5e-5)


def test_a_lower_level_gives_a_narrower_interval():
    assert scores.wilson_interval(0.5, 100, 0.5) == pytest.approx((0.4664, 0.5336), abs=1e-4)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    table = scores.reliability(np.array([[0.75, 0.25]]), np.array([0]), bins=4)
    assert table["count"].tolist() == [0, 0, 1, 0]


def test_reliability_bins_hold_each_prediction_once():
    table = scores.reliability(PROBABILITIES, LABELS, bins=10)
    assert table["count"].sum() == 400
    filled = table[table["count"] > 0]
    assert (filled["confidence"] > filled["low"]).all()
    assert (filled["confidence"] <= filled["high"]).all()
    hits = (filled["accuracy"] * filled["count"]).sum()
    assert hits == pytest.approx((PREDICTED == LABELS).sum())


def test_calibration_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 1, 0, 0])
    table = scores.reliability(probabilities, labels, bins=10)
    error = scores.expected_calibration_error(table)
    assert error == pytest.approx(0.5 * abs(0.9 - 0.5) + 0.5 * abs(0.6 - 1.0))


def test_a_report_holds_every_score_rounded():
    names = list("abcde")
    metrics, table = scores.report(PROBABILITIES, LABELS, names, level=0.95, bins=4)
    assert list(metrics["per_class"]) == names
    assert metrics["accuracy_low"] < metrics["accuracy"] < metrics["accuracy_high"]
    assert metrics["accuracy"] < metrics["top2_accuracy"] < 1
    assert metrics["loss"] == round(scores.cross_entropy(PROBABILITIES, LABELS), 6)
    assert len(table) == 4
