import keras
import numpy as np
import pytest
import tensorflow as tf

from fashion.config.model import Fit
from fashion.training.optimizers import Muon, make_optimizer, orthogonalize
from tests.conftest import FIT, MUON

RNG = np.random.default_rng(0)
SGD = {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.1}


RATE = 0.05
MUON_STEPS = {"kernel_momentum": 0.6, "momentum": 0.9}


def orthogonalize_by_svd(matrix):
    """Newton-Schulz on the singular values alone."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    values = values / (np.linalg.norm(values) + 1e-7)
    for _ in range(3):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return left * values @ right


@pytest.mark.parametrize("shape", [(4, 36), (36, 4), (8, 8)])
def test_orthogonalizing_keeps_singular_vectors_and_levels_the_values(shape):
    matrix = RNG.normal(size=shape).astype(np.float32)
    result = orthogonalize(tf.constant(matrix)).numpy()
    np.testing.assert_allclose(result, orthogonalize_by_svd(matrix), rtol=1e-3, atol=1e-4)
    values = np.linalg.svd(result, compute_uv=False)
    assert (values > 0.5).all()
    assert (values < 1.3).all()


@pytest.mark.parametrize("scale", [0.0, 1e-9])
def test_a_tiny_matrix_keeps_its_signs_and_a_zero_matrix_stays_zero(scale):
    matrix = scale * RNG.normal(size=(4, 36)).astype(np.float32)
    result = orthogonalize(tf.constant(matrix)).numpy()
    np.testing.assert_allclose(result, orthogonalize_by_svd(matrix), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 36), (36, 4)])
def test_gram_matrices_have_the_size_of_the_shorter_side(shape):
    traced = tf.function(orthogonalize).get_concrete_function(tf.TensorSpec(shape))
    products = [op.outputs[0].shape for op in traced.graph.get_operations() if op.type == "MatMul"]
    assert products == [(4, 4), (4, 4), (4, 36)] * 3


def steps(optimizer, start, gradients, name="weight"):
    """The value of a variable that starts at `start`, after one step per gradient."""
    variable = keras.Variable(start, name=name)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient)], [variable])
    return variable.numpy()


def test_kernels_take_orthogonalized_nesterov_steps_from_unit_norm_per_filter():
    start, *gradients = RNG.normal(size=(4, 3, 3, 2, 5)).astype(np.float32)
    moved = steps(Muon(RATE, **MUON_STEPS), start, gradients)
    kernel, momentum = start.reshape(18, 5), 0
    for gradient in (gradient.reshape(18, 5) for gradient in gradients):
        momentum = 0.6 * momentum + gradient
        kernel = kernel * np.sqrt(5) / np.linalg.norm(kernel)
        kernel = kernel - RATE * orthogonalize_by_svd(gradient + 0.6 * momentum)
    np.testing.assert_allclose(moved.reshape(18, 5), kernel, rtol=1e-3, atol=1e-4)


def nesterov_sgd(start, gradients, rates, momentum, decay=0.0):
    """The weight after these steps, with decoupled weight decay, in float64."""
    weight, velocity = start.astype(np.float64), 0
    for gradient, rate in zip(gradients, rates, strict=True):
        weight = weight * (1 - decay * rate)
        velocity = momentum * velocity - rate * gradient
        weight = weight + momentum * velocity - rate * gradient
    return weight


def test_weights_that_are_no_kernels_move_as_under_sgd():
    start, *gradients = RNG.normal(size=(4, 4, 3)).astype(np.float32)
    ours = steps(Muon(RATE, **MUON_STEPS), start, gradients)
    sgd = keras.optimizers.SGD(RATE, momentum=0.9, nesterov=True)
    np.testing.assert_array_equal(ours, steps(sgd, start, gradients))
    np.testing.assert_allclose(ours, nesterov_sgd(start, gradients, [RATE] * 3, 0.9), rtol=1e-4)


@pytest.mark.parametrize(("shape", "times"), [((4,), 8), ((4, 3), 1)])
def test_weights_of_one_axis_move_faster_by_the_scale(shape, times):
    gradients = RNG.normal(size=(2, *shape)).astype(np.float32)
    moved = steps(
        Muon(RATE, bias_lr_scale=8.0, **MUON_STEPS), np.zeros(shape, np.float32), gradients
    )
    expected = nesterov_sgd(np.zeros(shape), gradients, [times * RATE] * 2, 0.9)
    np.testing.assert_allclose(moved, expected, rtol=1e-5)


def test_the_scale_is_one_by_default():
    assert Muon(RATE, **MUON_STEPS).bias_lr_scale == 1.0


def test_the_optimizer_comes_back_from_its_configuration():
    optimizer = Muon(0.1, kernel_momentum=0.6, bias_lr_scale=8.0, momentum=0.9)
    again = Muon.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert (again.kernel_momentum, again.bias_lr_scale, again.nesterov) == (0.6, 8.0, True)


def optimizer_of(**changes):
    return make_optimizer(Fit.model_validate(FIT | changes), total_steps=10)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize(("name", "decay"), [("kernel", 0.1), ("gamma", 0.0), ("bias", 0.0)])
def test_sgd_follows_its_formula_schedule_and_weight_decay(momentum, name, decay):
    optimizer = optimizer_of(optimizer=SGD | {"momentum": momentum}, learning_rate=0.2, warmup=0.0)
    start, *gradients = RNG.normal(size=(4, 4, 3)).astype(np.float32)
    expected = nesterov_sgd(start, gradients, [0.2, 0.18, 0.16], momentum, decay)
    moved = steps(optimizer, start, gradients, name)
    np.testing.assert_allclose(moved, expected, rtol=1e-4, atol=1e-6)
    assert optimizer.nesterov == (momentum > 0)


@pytest.mark.parametrize(
    ("name", "shape", "times", "decay"), [("kernel", (4, 3), 1, 0.1), ("beta", (4,), 4, 0.0)]
)
def test_muon_passes_its_settings_to_the_steps(name, shape, times, decay):
    optimizer = optimizer_of(optimizer=MUON, learning_rate=0.2, warmup=0.0)
    start, *gradients = RNG.normal(size=(3, *shape)).astype(np.float32)
    expected = nesterov_sgd(start, gradients, times * np.array([0.2, 0.18]), 0.85, decay)
    np.testing.assert_allclose(
        steps(optimizer, start, gradients, name), expected, rtol=1e-4, atol=1e-6
    )
    assert optimizer.kernel_momentum == MUON["kernel_momentum"]


@pytest.mark.parametrize("settings", [{"kind": "adam"}, SGD, MUON], ids=lambda s: s["kind"])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_weights_are_averaged_only_with_an_ema_momentum(settings, momentum):
    optimizer = optimizer_of(optimizer=settings, ema_momentum=momentum)
    assert optimizer.use_ema == (momentum > 0)
    assert optimizer.ema_momentum == momentum


@pytest.mark.parametrize("settings", [SGD, MUON], ids=lambda s: s["kind"])
@pytest.mark.parametrize(("given", "used"), [(0.0, None), (0.1, 0.1)])
def test_a_weight_decay_of_zero_becomes_none(settings, given, used):
    assert optimizer_of(optimizer=settings | {"weight_decay": given}).weight_decay == used
