"""LiteRT (formerly TensorFlow Lite), for phones and small computers, in three precisions.

A zip archive with the metadata is appended to each file, like TFLite's "associated files", so that
`unzip` can read it. Source:
ai.google.dev/edge/litert/conversion/tensorflow/quantization/post_training_quantization.
"""

import io
import json
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.python.convert_phase import ConverterError

from fashion.export.errors import ExportError
from fashion.inference.model import INPUT, write_saved_model
from fashion.suppress_stderr import suppress_stderr

FLOAT32, FLOAT16, INT8 = SUFFIXES = ("tflite", "float16.tflite", "int8.tflite")


def convert(model: keras.Model, images: Sequence[np.ndarray]) -> dict[str, bytes]:
    """Convert an inference model (`fashion.inference.model`); return each file by its suffix.

    `float16` has weights in float16. `int8` has weights and activations in int8, whose ranges
    come from the representative `images` (each uint8 [*image_shape]). All files have the same
    types of inputs and outputs. Raises `ExportError` if LiteRT lacks operators for
    a layer.
    """

    def representative_dataset() -> Iterator[dict[str, np.ndarray]]:
        for image in images:
            yield {INPUT: np.ascontiguousarray(image[None])}

    formats = {}
    with tempfile.TemporaryDirectory() as folder, suppress_stderr(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about the requested quantization
        write_saved_model(folder, model)
        for suffix in SUFFIXES:
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            if suffix != FLOAT32:
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            if suffix == FLOAT16:
                converter.target_spec.supported_types = [tf.float16]
            if suffix == INT8:
                converter.representative_dataset = representative_dataset
            formats[suffix] = _convert(converter)
    return formats


def _convert(converter: tf.lite.TFLiteConverter) -> bytes:
    try:
        return converter.convert()
    except ConverterError as error:
        raise ExportError(
            "expected layers that LiteRT has operators for, received others; give the network "
            "other layers or activations, and recurrent ones unroll=True"
        ) from error


def to_bytes(model: bytes, metadata: Mapping[str, Any]) -> bytes:
    """The file of `model` with `metadata.json`, and its `classes` as lines of `labels.txt`."""
    files = {
        "metadata.json": json.dumps(metadata, indent=2, ensure_ascii=False),
        "labels.txt": "\n".join(metadata["classes"]),
    }
    stream = io.BytesIO(model)
    with zipfile.ZipFile(stream, "a") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), f"{text}\n")  # a fixed date, 1980
    return stream.getvalue()
