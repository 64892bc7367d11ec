"""Probabilities that are as high as they are right: one temperature, folded into the last layer.

A temperature T divides the logits, so the order of the classes stays, and with it the accuracy.
Source: Guo et al., "On Calibration of Modern Neural Networks", arxiv.org/abs/1706.04599.
"""

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from fashion.training.batches import Split

BOUNDS = (0.1, 10.0)
BATCH = 1000
DECIMALS = 3  # so that the last bits of the logits do not reach the weights


def calibrate(model: keras.Model, validation: Split) -> float:
    """Divide the last layer of `model`, a dense one with softmax, by the temperature of `fit`.

    Returns the temperature: below 1 the model was too modest, above 1 too confident.
    """
    probabilities = model.predict(validation.images, batch_size=BATCH, verbose=0)
    temperature = fit_temperature(probabilities, validation.labels)
    last = model.layers[-1]
    last.set_weights([weights / np.float32(temperature) for weights in last.get_weights()])
    return temperature


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of least cross-entropy, between `BOUNDS`, rounded to `DECIMALS`.

    `probabilities` is float [count, classes]; their logarithms are the logits but for a constant
    of each row.
    """
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny, dtype=np.float64))
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(scaled[rows, labels].mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(BOUNDS)), method="bounded")
    return round(float(np.exp(found.x)), DECIMALS)
