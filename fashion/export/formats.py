"""All exported files of one model, as bytes."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
import numpy as np

from fashion.export import litert_format, onnx_format, onnx_knn
from fashion.inference.knn import Bank


def make_files(
    model: keras.Model,
    bank: Bank,
    k: int,
    representative_images: Sequence[np.ndarray],
    metadata: Mapping[str, Any],
    *,
    onnx_weights: Literal["float32", "float16"] = "float32",
) -> dict[str, bytes]:
    """Return the content of each exported file by its suffix: "onnx" and the suffixes of LiteRT.

    `model` is an inference model (`fashion.inference.model`). The ONNX file also has the distance
    to the `k` nearest references of `bank`. The ranges of int8 are determined from
    `representative_images`, each uint8 [*image_shape]. `onnx_weights` is how the ONNX file stores
    weights.
    """
    # LiteRT comes first, because it needs most memory.
    litert = litert_format.convert(model, representative_images)
    graph = onnx_format.convert(model)
    if onnx_weights == "float16":
        onnx_format.halve_weights(graph)
    onnx_knn.append_knn(graph, bank, k)
    files = {"onnx": onnx_format.to_bytes(graph, metadata)}
    return files | {
        suffix: litert_format.to_bytes(content, metadata) for suffix, content in litert.items()
    }
