import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.metrics import log_loss

from fashion.io.labeled_images import LabeledImages
from fashion.networks.building import build
from fashion.training.calibration import BOUNDS, calibrate, fit_temperature
from tests.conftest import SHAPE

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(scale=3, size=(20_000, 5))
LABELS = np.array([RNG.choice(5, p=row) for row in softmax(LOGITS, axis=1)])


def test_the_temperature_minimises_the_cross_entropy():
    logits, labels = LOGITS[:500], LABELS[:500]
    probabilities = softmax(2 * logits, axis=1)
    minimum = minimize_scalar(
        lambda temperature: log_loss(labels, softmax(2 * logits / temperature, axis=1)),
        bounds=(0.5, 5),
    )
    assert fit_temperature(probabilities, labels) == pytest.approx(minimum.x, abs=1e-3)


def test_the_temperature_stays_within_bounds():
    probabilities = softmax(LOGITS, axis=1)
    assert fit_temperature(probabilities, LOGITS.argmax(axis=1)) == BOUNDS[0]
    assert fit_temperature(np.eye(5)[LABELS], LOGITS.argmax(axis=1)) == BOUNDS[1]


def test_a_calibrated_model_predicts_the_same_classes_at_a_lower_loss(small_model, capsys):
    images = RNG.integers(0, 256, (200, *SHAPE), dtype=np.uint8)
    model = build(small_model.network, SHAPE, classes=5, seed=0)
    before = model.predict(images, verbose=0)
    labels = np.where(RNG.random(200) < 0.7, before.argmax(axis=1), RNG.integers(0, 5, 200))
    temperature, predicted = calibrate(model, LabeledImages(images, labels))
    np.testing.assert_array_equal(predicted, before.argmax(axis=1))
    assert capsys.readouterr().out == ""
    assert temperature == fit_temperature(before, labels)
    after = model.predict(images, verbose=0)
    rows = np.arange(200)
    assert np.log(after[rows, labels]).mean() > np.log(before[rows, labels]).mean()
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    expected = softmax(np.log(before.astype(float)) / temperature, axis=1)
    np.testing.assert_allclose(after, expected, atol=1e-5)
