import keras
import numpy as np
import pytest

from fashion.evaluation.metrics import accuracy, compute_metrics, per_class, predictions
from fashion.evaluation.reliability import expected_calibration_error, reliability

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(400, 5))
SOFTMAX = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
PROBABILITIES = SOFTMAX.astype(np.float32)
LABELS = np.where(RNG.random(400) < 0.6, LOGITS.argmax(axis=1), RNG.integers(0, 5, 400))
SCORES = compute_metrics(PROBABILITIES, LABELS, bins=4)
KERAS = {
    "accuracy": keras.metrics.SparseCategoricalAccuracy,
    "loss": keras.metrics.SparseCategoricalCrossentropy,
    "top2_accuracy": lambda: keras.metrics.SparseTopKCategoricalAccuracy(k=2),
}


@pytest.mark.parametrize("name", KERAS)
def test_scores_equal_those_of_keras(name):
    metric = KERAS[name]()
    metric.update_state(LABELS, PROBABILITIES)
    assert SCORES[name] == pytest.approx(float(metric.result()), rel=1e-5)


def test_scores_by_hand():
    tenths = [[5, 3, 2], [3, 6, 1], [2, 1, 7], [1, 6, 3], [7, 1, 2], [2, 3, 5]]
    probabilities, labels = np.array(tenths) / 10, np.array([0, 1, 2, 2, 1, 1])
    assert compute_metrics(probabilities, labels, bins=2) == {
        "accuracy": 0.5,
        "loss": round(-np.log(0.5 * 0.6 * 0.7 * 0.3 * 0.1 * 0.3) / 6, 6),
        "macro_f1": round((2 / 3 + 2 / 5 + 1 / 2) / 3, 6),
        "top2_accuracy": round(5 / 6, 6),
        "ece": 0.1,  # 2 of 6 without a gap, 4 with confidence 0.65 and accuracy 0.5
        "balanced_accuracy": round((1 + 1 / 3 + 1 / 2) / 3, 6),
    }
    assert accuracy(probabilities, labels) == 0.5


@pytest.mark.filterwarnings("ignore:y_pred contains classes")
def test_the_loss_normalizes_probabilities_and_is_finite():
    probabilities = np.array([[0.5, 0.3], [0.1, 0.9]])
    expected = -(np.log(0.3 / 0.8) + np.log(0.9)) / 2
    loss = compute_metrics(probabilities, np.array([1, 1]), bins=2)["loss"]
    assert loss == pytest.approx(expected, abs=1e-6)
    assert np.isfinite(compute_metrics(np.eye(2)[[1, 1]], np.array([0, 1]), bins=2)["loss"])


def test_precision_and_recall_by_hand():
    predicted = np.repeat([0, 1, 0, 1, 0], [8, 2, 1, 9, 3])
    labels = np.repeat([0, 1, 2], [10, 10, 3])
    table = per_class(np.eye(4)[predicted], labels, list("abcd"))  # no images of "d"
    assert table["class"].tolist() == list("abcd")
    assert table["precision"].tolist() == [0.666667, 0.818182, 0, 0]
    assert table["recall"].tolist() == [0.8, 0.9, 0, 0]
    assert table["f1"].tolist() == [0.727273, 0.857143, 0, 0]


def test_predictions_have_a_row_for_each_image():
    table = predictions(
        np.array([[0.25, 0.75], [0.6, 0.4]]), np.array([1, 1]), ["a", "b"], ["x.png", "y.png"]
    )
    rows = [["x.png", "b", "b", "0.75"], ["y.png", "b", "a", "0.6"]]
    assert table.astype(str).to_numpy().tolist() == rows


def test_reliability_by_hand():
    confidence = np.array([0.5, 0.6, 0.7, 0.9, 0.95, 1.0])
    labels = np.array([1, 0, 0, 0, 1, 0])
    table = reliability(np.stack([confidence, 1 - confidence], axis=1), labels, bins=3)
    expected = {
        "low": [0, 0.333333, 0.666667],
        "high": [0.333333, 0.666667, 1],
        "count": [0, 2, 4],
        "confidence": [np.nan, 0.55, 0.8875],
        "accuracy": [np.nan, 0.5, 0.75],
    }
    assert [*table] == [*expected]
    for name, values in expected.items():
        np.testing.assert_array_equal(table[name], values, err_msg=name)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    table = reliability(np.array([[0.75, 0.25]]), np.array([0]), bins=4)
    assert table["count"].tolist() == [0, 0, 1, 0]


def test_calibration_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    table = reliability(probabilities, np.array([0, 1, 0, 0]), bins=10)
    expected = 0.5 * abs(0.9 - 0.5) + 0.5 * abs(0.6 - 1.0)
    assert expected_calibration_error(table) == pytest.approx(expected)
