"""Temperature scaling, folded into the last layer.

The logits are divided by one temperature, so the order of the classes and the accuracy stay. The
confidence is then calibrated on average, not per class.
Source: Guo et al., "On Calibration of Modern Neural Networks", arxiv.org/abs/1706.04599.
"""

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fashion.io.batching import predict
from fashion.io.labeled_images import LabeledImages

BOUNDS = (0.1, 10.0)
DECIMALS = 3  # rounded, so that the last bits of the logits do not affect the weights


def calibrate(model: keras.Model, validation: LabeledImages) -> tuple[float, np.ndarray]:
    """Divide the weights of the last layer, dense with softmax, by the temperature.

    Returns the temperature, above 1 if the model was overconfident, below 1 if underconfident; and
    the predicted labels (int64 [count]).
    """
    probabilities = predict(model, validation.images)
    temperature = fit_temperature(probabilities, validation.labels)
    last = model.layers[-1]
    last.set_weights([weights / np.float32(temperature) for weights in last.get_weights()])
    return temperature, probabilities.argmax(axis=1)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature within `BOUNDS` that minimises cross-entropy, rounded to `DECIMALS`.

    `probabilities` is float [count, classes]. Their logarithms serve as logits: softmax does not
    depend on a constant added to all classes.
    """
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny, dtype=np.float64))
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(scaled[rows, labels].mean())

    minimum = minimize_scalar(loss, bounds=tuple(np.log(BOUNDS)), method="bounded")
    return round(float(np.exp(minimum.x)), DECIMALS)
