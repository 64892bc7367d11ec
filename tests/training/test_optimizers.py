import keras
import numpy as np
import pytest
import tensorflow as tf

from fashion.params.model import Fit
from fashion.training.optimizers import Muon, make_optimizer, orthogonalize
from tests.conftest import FIT, MUON

RNG = np.random.default_rng(0)
SGD = {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.1}


@pytest.mark.parametrize("shape", [(4, 36), (36, 4), (8, 8)])
def test_orthogonalizing_keeps_singular_vectors_and_levels_the_values(shape):
    matrix = RNG.normal(size=shape).astype(np.float32)
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    result = orthogonalize(tf.constant(matrix)).numpy()
    in_its_axes = left.T @ result @ right.T
    values = np.diag(in_its_axes)
    assert (values > 0.5).all()
    assert (values < 1.3).all()
    np.testing.assert_allclose(in_its_axes, np.diag(values), atol=1e-4)


def step(optimizer, variable, gradient):
    optimizer.build([variable])
    optimizer.apply([tf.constant(gradient)], [variable])
    return variable.numpy()


def test_a_kernel_moves_along_the_orthogonal_step_from_unit_filters():
    kernel = RNG.normal(size=(3, 3, 2, 5)).astype(np.float32)
    gradient = RNG.normal(size=kernel.shape).astype(np.float32)
    moved = step(Muon(0.1, kernel_momentum=0.6, momentum=0.9), keras.Variable(kernel), gradient)
    direction = orthogonalize(tf.reshape(gradient, (18, 5))).numpy().reshape(kernel.shape)
    expected = kernel * np.sqrt(5) / np.linalg.norm(kernel) - 0.1 * direction
    np.testing.assert_allclose(moved, expected, rtol=1e-4, atol=1e-5)


def test_weights_that_are_no_kernels_move_as_under_sgd():
    weight = RNG.normal(size=(4, 3)).astype(np.float32)
    gradient = RNG.normal(size=(4, 3)).astype(np.float32)
    ours = step(Muon(0.1, kernel_momentum=0.6, momentum=0.9), keras.Variable(weight), gradient)
    sgd = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    np.testing.assert_array_equal(ours, step(sgd, keras.Variable(weight), gradient))


@pytest.mark.parametrize(("shape", "times"), [((4,), 8), ((4, 3), 1)])
def test_weights_of_one_axis_move_faster_by_the_scale(shape, times):
    start = np.zeros(shape, np.float32)
    gradient = RNG.normal(size=shape).astype(np.float32)
    muon = {"kernel_momentum": 0.6, "momentum": 0.9}
    plain = step(Muon(0.1, **muon), keras.Variable(start), gradient)
    scaled = step(Muon(0.1, bias_lr_scale=8.0, **muon), keras.Variable(start), gradient)
    np.testing.assert_allclose(scaled, times * plain, rtol=1e-6)


def test_the_optimizer_comes_back_from_its_configuration():
    optimizer = Muon(0.1, kernel_momentum=0.6, bias_lr_scale=8.0, momentum=0.9)
    again = Muon.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert (again.kernel_momentum, again.bias_lr_scale, again.nesterov) == (0.6, 8.0, True)


@pytest.mark.parametrize("settings", [SGD, MUON])
@pytest.mark.parametrize(("name", "decayed"), [("kernel", True), ("gamma", False), ("bias", False)])
def test_weight_decay_spares_biases_and_normalisation(settings, name, decayed):
    config = Fit.model_validate(FIT | {"optimizer": settings, "warmup": 0.0})
    optimizer = make_optimizer(config, total_steps=10)
    variable = keras.Variable(np.ones((2, 2), np.float32), name=name)
    after = step(optimizer, variable, np.zeros((2, 2), np.float32))
    assert (after < 1).all() == decayed
