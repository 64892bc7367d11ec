"""The files of one model, as bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import onnx

from fashion.batching import in_batches
from fashion.export import litert_format, onnx_format, onnx_knn
from fashion.export.parity import BATCH


def make_graph(
    predictions: keras.Model, images: np.ndarray, rows: np.ndarray, nearest: int
) -> onnx.ModelProto:
    """`predictions` (`fashion.inference_model`) in ONNX, with the outputs of `onnx_knn.append`.

    `images` (uint8 [training images, *image_shape]) are all, `rows` (int64) those to keep.
    """
    graph = onnx_format.convert(predictions)
    batches = in_batches(images, BATCH, rows)
    features = np.concatenate([predictions.predict_on_batch(some)["features"] for some in batches])
    onnx_knn.append(graph, features, rows, nearest)
    return graph


def make_files(
    predictions: keras.Model,
    graph: onnx.ModelProto,
    images: Sequence[np.ndarray],
    metadata: Mapping[str, Any],
) -> dict[str, bytes]:
    """The content of each file by its suffix: `graph` as "onnx", and `predictions` in LiteRT.

    `images` (each uint8 [*image_shape]) make the ranges of int8.
    """
    litert = litert_format.convert(predictions, images)  # first: it takes the most memory
    files = {"onnx": onnx_format.to_bytes(graph, metadata)}
    return files | {
        suffix: litert_format.to_bytes(content, metadata) for suffix, content in litert.items()
    }
