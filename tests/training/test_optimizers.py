import keras
import numpy as np
import pytest
import tensorflow as tf

from fashion.config.model import Fit
from fashion.training.optimizers import Muon, make_optimizer, orthogonalize
from tests.conftest import FIT, MUON

RNG = np.random.default_rng(0)
SGD = {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.1}
RATES = [0.2, 0.18, 0.16]  # of the first steps of `optimizer_of`


def orthogonalize_by_svd(matrix):
    """Newton-Schulz on the singular values alone."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    values = values / (np.linalg.norm(values) + 1e-7)
    for _ in range(3):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return left * values @ right


def nesterov_sgd(start, gradients, rates, momentum, decay=0.0):
    """The weight after these steps, with decoupled weight decay, in float64."""
    weight, velocity = start.astype(np.float64), 0
    for gradient, rate in zip(gradients, rates, strict=True):
        weight = weight * (1 - decay * rate)
        velocity = momentum * velocity - rate * gradient
        weight = weight + momentum * velocity - rate * gradient
    return weight


def optimizer_of(**changes):
    config = {"learning_rate": 0.2, "warmup": 0.0} | changes
    return make_optimizer(Fit.model_validate(FIT | config), total_steps=10)


def steps(optimizer, start, gradients, name="weight"):
    """The value of a variable that starts at `start`, after one step per gradient."""
    variable = keras.Variable(start, name=name)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient)], [variable])
    return variable.numpy()


@pytest.mark.parametrize("shape", [(4, 36), (36, 4)])
@pytest.mark.parametrize("scale", [0.0, 1e-9, 1.0])
def test_orthogonalize_keeps_singular_vectors_and_levels_the_values(shape, scale):
    matrix = scale * RNG.normal(size=shape).astype(np.float32)
    result = orthogonalize(tf.constant(matrix)).numpy()
    np.testing.assert_allclose(result, orthogonalize_by_svd(matrix), rtol=1e-3, atol=1e-4)
    values = np.linalg.svd(result, compute_uv=False)
    assert ((values > 0.5) & (values < 1.3)).all() or scale < 1


def test_kernels_take_orthogonalized_nesterov_steps_from_unit_norm_per_filter():
    start, *gradients = RNG.normal(size=(4, 3, 3, 2, 5)).astype(np.float32)
    moved = steps(Muon(0.05, kernel_momentum=0.6, momentum=0.9), start, gradients)
    kernel, momentum = start.reshape(18, 5), 0
    for gradient in (gradient.reshape(18, 5) for gradient in gradients):
        momentum = 0.6 * momentum + gradient
        kernel = kernel * np.sqrt(5) / np.linalg.norm(kernel)
        kernel = kernel - 0.05 * orthogonalize_by_svd(gradient + 0.6 * momentum)
    np.testing.assert_allclose(moved.reshape(18, 5), kernel, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("optimizer", "name", "shape", "momentum", "factor", "decay"),
    [
        (SGD, "kernel", (4, 3), 0.9, 1, 0.1),
        (SGD, "gamma", (4,), 0.9, 1, 0.0),
        (SGD, "bias", (4,), 0.9, 1, 0.0),
        (SGD | {"momentum": 0.0}, "kernel", (4, 3), 0.0, 1, 0.1),
        (MUON, "kernel", (4, 3), 0.85, 1, 0.1),
        (MUON, "beta", (4,), 0.85, 4, 0.0),
    ],
)
def test_weights_follow_the_formula_schedule_and_weight_decay(
    optimizer, name, shape, momentum, factor, decay
):
    start, *gradients = RNG.normal(size=(4, *shape)).astype(np.float32)
    moved = steps(optimizer_of(optimizer=optimizer), start, gradients, name)
    expected = nesterov_sgd(start, gradients, factor * np.array(RATES), momentum, decay)
    np.testing.assert_allclose(moved, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "decay"), [("kernel", 0.5), ("gamma", 0.0), ("bias", 0.0)])
def test_adamw_decays_kernels_alone_and_steps_by_the_sign_of_the_first_gradient(name, decay):
    start, gradient = np.float32([2, -4]), np.float32([1, -3])
    optimizer = optimizer_of(optimizer={"kind": "adamw", "weight_decay": 0.5})
    moved = steps(optimizer, start, [gradient], name)
    expected = start * (1 - 0.2 * decay) - 0.2 * np.sign(gradient)
    np.testing.assert_allclose(moved, expected, rtol=1e-5)
