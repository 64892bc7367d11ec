import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from fashion.models.layers import FusedBatchNormalization

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(2, 3, (8, 5, 6, 4)).astype(np.float32)
WEIGHTS = RNG.normal(size=INPUTS.shape).astype(np.float32)


def pair():
    """The fused layer and that of Keras, with equal scale and offset."""
    layers = []
    for layer_class in (FusedBatchNormalization, keras.layers.BatchNormalization):
        layer = layer_class(momentum=0.9)
        layer.build(INPUTS.shape)
        layer.gamma.assign([0.5, 1.0, 1.5, 2.0])
        layer.beta.assign([-1.0, 0.0, 1.0, 2.0])
        layers.append(layer)
    return layers


def step(layer):
    inputs = tf.constant(INPUTS)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        loss = tf.reduce_sum(outputs * WEIGHTS)
    gradients = tape.gradient(loss, [inputs, layer.gamma, layer.beta])
    return [outputs, *gradients, layer.moving_mean, layer.moving_variance]


def test_training_equals_keras_in_outputs_gradients_and_statistics(monkeypatch):
    monkeypatch.setattr(FusedBatchNormalization, "_synchronized", None)  # for several replicas
    fused, plain = pair()
    for _ in range(3):
        for ours, theirs in zip(step(fused), step(plain), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-4)


def test_inputs_in_bfloat16_have_statistics_in_float32():
    layer = FusedBatchNormalization(momentum=0.9, dtype="mixed_bfloat16")
    layer.build(INPUTS.shape)
    outputs = layer(tf.cast(INPUTS, tf.bfloat16), training=True)
    assert outputs.dtype == tf.bfloat16
    mean, variance = (moment(INPUTS, axis=(0, 1, 2)) for moment in (np.mean, np.var))
    expected = (INPUTS - mean) / np.sqrt(variance)
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, atol=0.03)
    np.testing.assert_allclose(layer.moving_mean, 0.1 * mean, rtol=1e-2)


def test_replicas_normalise_bfloat16_in_float32(monkeypatch):
    layer = FusedBatchNormalization(dtype="mixed_bfloat16")
    layer.build(INPUTS.shape)
    moments = tf.constant([INPUTS.mean((0, 1, 2)), (INPUTS**2).mean((0, 1, 2))])
    inputs = tf.cast(INPUTS, tf.bfloat16)
    outputs = as_one_of_two_replicas(monkeypatch, layer, inputs, lambda own: moments)
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_allclose(outputs[:2], layer(inputs, training=True)[:2], atol=0.05)


def test_inference_uses_the_moving_statistics():
    fused, plain = pair()
    for layer in (fused, plain):
        step(layer)
    np.testing.assert_allclose(fused(INPUTS), plain(INPUTS), rtol=2e-4, atol=2e-4)


def as_one_of_two_replicas(monkeypatch, layer, inputs, all_reduce):
    """The outputs of a training step as replica in `Strategy.run`."""
    context, strategy = (
        types.SimpleNamespace(all_reduce=lambda operation, moments: all_reduce(moments)),
        types.SimpleNamespace(num_replicas_in_sync=2),
    )
    with monkeypatch.context() as patch:
        patch.setattr(tf.distribute, "get_replica_context", lambda: context)
        patch.setattr(tf.distribute, "get_strategy", lambda: strategy)
        return layer.call(tf.constant(inputs), training=True)


@pytest.mark.parametrize("index", [0, 1])
def test_replicas_normalise_by_the_moments_of_the_whole_batch(index, monkeypatch):
    shards = INPUTS[:4], INPUTS[4:]

    def all_reduce(moments):
        both = [[shard.mean((0, 1, 2)), (shard**2).mean((0, 1, 2))] for shard in shards]
        np.testing.assert_allclose(moments, both[index], rtol=1e-5)
        return tf.constant(np.mean(both, axis=0))

    ours, theirs = pair()
    for _ in range(2):
        outputs = as_one_of_two_replicas(monkeypatch, ours, shards[index], all_reduce)
        expected = theirs(INPUTS, training=True)[4 * index : 4 * index + 4]
        np.testing.assert_allclose(outputs, expected, rtol=2e-4, atol=2e-4)
    for name in ("moving_mean", "moving_variance"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-4)


def test_replicas_stay_finite_if_rounding_makes_a_variance_negative(monkeypatch):
    layer = pair()[0]
    moments = tf.constant([[1.0] * 4, [1.0 - 1e-2] * 4])
    inputs = np.ones(INPUTS.shape, np.float32)
    outputs = as_one_of_two_replicas(monkeypatch, layer, inputs, lambda own: moments)
    np.testing.assert_allclose(outputs[0, 0, 0], layer.beta, atol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, [0.9] * 4, rtol=1e-6)
