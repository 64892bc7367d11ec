"""The model for prediction: pixels in, probabilities, logits and features out.

Input: `images`, uint8 [count, height, width] or [count, height, width, 3], with any count. Outputs,
all float32: `logits` [count, classes]; `probabilities` [count, classes], the softmax of the logits;
`features` [count, width], the input of the last dense layer.
"""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fashion.inference.knn import Bank, sample_per_class
from fashion.io.batching import in_batches
from fashion.io.labeled_images import LabeledImages

INPUT = "images"
OUTPUTS = ("probabilities", "logits", "features")
BANK_SEED = 0
Outputs = dict[str, np.ndarray]


def make_inference_model(model: keras.Model) -> keras.Model:
    """Split the last layer of `model`, the dense softmax layer `probabilities`, into its outputs.

    All layers are named, since automatic names contain counters and would end up in exported files.
    """
    last = model.get_layer("probabilities")
    body = keras.Model(model.input, last.input, name="body")
    images = keras.Input(model.input.shape[1:], dtype="uint8", name=INPUT)
    features = keras.layers.Identity(name="features")(body(keras.ops.cast(images, "float32")))
    dense = keras.layers.Dense(last.units, use_bias=last.use_bias, name="logits")
    logits = dense(features)
    dense.set_weights(last.get_weights())
    probabilities = keras.layers.Softmax(name="probabilities")(logits)
    outputs = dict(zip(OUTPUTS, (probabilities, logits, features), strict=True))
    return keras.Model(images, outputs, name="classifier")


def outputs_in_batches(
    model: keras.Model, images: np.ndarray, indices: np.ndarray | None = None
) -> Iterator[Outputs]:
    """Yield the outputs of an inference model for each batch of `images`.

    `images` is uint8 [count, height, width, ...]. With `indices` (int64), only those images count.
    """
    for batch in in_batches(images, indices=indices):
        yield model.predict_on_batch(batch)


def predict(model: keras.Model, images: np.ndarray) -> Outputs:
    """All outputs of an inference model for `images`, uint8 [count, height, width, ...]."""
    batches = list(outputs_in_batches(model, images))
    return {name: np.concatenate([outputs[name] for outputs in batches]) for name in OUTPUTS}


def make_bank(model: keras.Model, train: LabeledImages, size: int) -> Bank:
    """A bank of `size` training images, with the features of the inference model `model`."""
    indices = sample_per_class(train.labels, size, BANK_SEED)
    outputs = outputs_in_batches(model, train.images, indices)
    return Bank.from_features(np.concatenate([batch["features"] for batch in outputs]), indices)


def input_signature(model: keras.Model) -> list[tf.TensorSpec]:
    """The input of an inference model, for any number of images."""
    return [tf.TensorSpec((None, *model.input.shape[1:]), tf.uint8, name=INPUT)]


def write_saved_model(folder: str | Path, model: keras.Model) -> None:
    """Write an inference model as a TensorFlow SavedModel; its bytes differ from run to run."""
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", model.call, input_signature=input_signature(model))
    archive.write_out(str(folder), verbose=False)
