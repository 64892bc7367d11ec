"""Training and prediction steps as graphs: images in, probabilities out."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from fashion.training.distribution import gather, local_result, shard
from fashion.training.progressive import resize

Step = Callable[[np.ndarray, np.ndarray], tf.Tensor]  # images and labels to probabilities
Predict = Callable[[np.ndarray], tf.Tensor]  # images to probabilities


def train_function(
    model: keras.Model,
    batch_size: int,
    network: keras.Model,
    dtype: np.dtype,
    class_weights: np.ndarray | None = None,
) -> Step:
    """A graph that takes one training step per batch of its input, images of `dtype`.

    `network` is `model`, or shares its weights but takes smaller images; images are resized to it.
    Gradients go back to the first layer that is trained, not through frozen layers before it. The
    loss of each image is multiplied by the entry of `class_weights` (float32 [classes]) for its
    label; without weights, the graph has no such step.

    In: images [steps * batch_size, height, width, ...] and labels [steps * batch_size].
    Out: float32 [steps * batch_size, classes], the probabilities of each image before its step.
    """
    shape, classes = model.input_shape[1:], model.output_shape[-1]
    strategy = tf.distribute.get_strategy()

    def train_step(images, labels):
        images, labels = shard(images), shard(labels)
        variables = model.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            resized = resize(tf.cast(images, tf.float32), network.input_shape[1:3])
            probabilities = network(resized, training=True)
            targets = tf.one_hot(labels, classes)
            weights = None if class_weights is None else tf.reduce_sum(targets * class_weights, 1)
            loss = model.compute_loss(images, targets, probabilities, sample_weight=weights)
        model.optimizer.apply(tape.gradient(loss, variables), variables)
        return gather(probabilities)

    @tf.function(input_signature=_signature(model, dtype))
    def train(images, labels):
        steps = tf.shape(labels)[0] // batch_size
        outputs = tf.TensorArray(tf.float32, steps, element_shape=(batch_size, classes))
        for step in tf.range(steps):
            rows = slice(step * batch_size, (step + 1) * batch_size)
            batch = tf.ensure_shape(images[rows], (batch_size, *shape))
            targets = tf.ensure_shape(labels[rows], (batch_size,))
            outputs = outputs.write(step, local_result(strategy.run(train_step, (batch, targets))))
        return outputs.concat()

    return train


def predict_function(model: keras.Model, network: keras.Model, dtype: np.dtype) -> Predict:
    """A graph from images [count, height, width, ...] to probabilities [count, classes].

    `network` and `dtype` are as in `train_function`.
    """

    @tf.function(input_signature=_signature(model, dtype)[:1])
    def predict(images):
        resized = resize(tf.cast(images, tf.float32), network.input_shape[1:3])
        return network(resized, training=False)

    return predict


def _signature(model: keras.Model, dtype: np.dtype) -> list[tf.TensorSpec]:
    shape = (None, *model.input_shape[1:])
    return [tf.TensorSpec(shape, dtype), tf.TensorSpec((None,), tf.uint8)]
