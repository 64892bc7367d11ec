"""The model as it is exported: pixels in, probabilities with what they are made of out.

In: `images`, uint8 [count, height, width], in colour with a last axis of 3, pixels 0 to 255, any
count. Out, all float32:
`probabilities` [count, classes]; `logits` [count, classes], of which the probabilities are the
softmax; `features` [count, width], the input of the last dense layer.
"""

from pathlib import Path

import keras
import tensorflow as tf

from fashion.errors import FashionError

INPUT = "images"
OUTPUTS = ("probabilities", "logits", "features")


class ExportError(FashionError):
    """A model that cannot be exported, or whose exported format gives other predictions."""


def make_inference_model(model: keras.Model) -> keras.Model:
    """`model`, which ends in a dense softmax layer `probabilities`, with the outputs above.

    The last layer is divided into a linear one with the same weights and a softmax. All is named,
    so that no counter of Keras gets into a file.
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


def signature(predictions: keras.Model) -> list[tf.TensorSpec]:
    """The input of `predictions`, for images of any count."""
    return [tf.TensorSpec((None, *predictions.input.shape[1:]), tf.uint8, name=INPUT)]


def write_saved_model(folder: str | Path, predictions: keras.Model) -> None:
    """Write `predictions` as a TensorFlow SavedModel; its bytes differ from one time to the next."""
    archive = keras.export.ExportArchive()
    archive.track(predictions)
    archive.add_endpoint(
        "serving_default", predictions.call, input_signature=signature(predictions)
    )
    archive.write_out(str(folder), verbose=False)
