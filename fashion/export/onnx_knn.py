"""How far an image is from the nearest training images, as a part of the ONNX graph.

An image of no class is far from all training images in the space of features, whose square roots
are compared at unit length, so that the few strongest do not hide the others. The features kept
stand in the file as int8, a byte each. Sources: Sun et al., "Out-of-Distribution Detection with
Deep Nearest Neighbors", arxiv.org/abs/2204.06507; for the roots Perronnin et al., "Improving the
Fisher Kernel for Large-Scale Image Classification", 2010.
"""

from typing import NamedTuple

import numpy as np
import onnx
import onnx.parser
from onnx import TensorProto, helper, numpy_helper

from fashion.export.onnx_format import COUNT

LEVELS = 255
LOWEST = -128
SMALLEST_LENGTH = 1e-12  # features that are all zero stay zero
GRAPH = """
neighbours (float[count, width] features)
=> (float[count] distance, int64[count, nearest] neighbours) {
    magnitude = Abs (features)
    root = Sqrt (magnitude)
    sign = Sign (features)
    signed_root = Mul (sign, root)
    length = ReduceL2 <keepdims = 1> (signed_root, over_features)
    divisor = Max (length, smallest_length)
    unit = Div (signed_root, divisor)
    kept_unit = DequantizeLinear <axis = 0> (kept, kept_scale, kept_zero_point)
    square = ReduceSumSquare <keepdims = 1> (unit, over_features)
    product = MatMul (unit, kept_unit)
    sum = Add (square, kept_square)
    twice = Add (product, product)
    difference = Sub (sum, twice)
    squared = Relu (difference)
    smallest, places = TopK <largest = 0> (squared, nearest)
    distances = Sqrt (smallest)
    distance = ReduceMean <keepdims = 0> (distances, over_features)
    neighbours = Gather (kept_rows, places)
}
"""


def select(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows (int64, ascending), at most `count`: equally many of each class, or all that it has.

    `labels` is uint8 [training images]; what does not divide goes to the first classes.
    """
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    quotas = [
        count // len(classes) + (place < count % len(classes)) for place in range(len(classes))
    ]
    chosen = [
        rng.permutation(np.flatnonzero(labels == label))[:quota]
        for label, quota in zip(classes, quotas, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


class Quantized(NamedTuple):
    """`codes` (int8 [count, width]) that stand for `(codes - zero_point) * scale`.

    `scale` (float32) and `zero_point` (int8) are those of each of the features, [width].
    """

    codes: np.ndarray
    scale: np.ndarray
    zero_point: np.ndarray

    def values(self) -> np.ndarray:
        """What the codes stand for, float32 [count, width]."""
        return (self.codes - self.zero_point.astype(np.float32)) * self.scale


def quantize(values: np.ndarray) -> Quantized:
    """`values` (float32 [count, width]) in 255 steps from the smallest to the largest of a column.

    Zero is exact, as DequantizeLinear of ONNX has it: features after a ReLU are zero for the most.
    """
    low, high = values.min(axis=0).clip(max=0), values.max(axis=0).clip(min=0)
    scale = np.where(high > low, (high - low) / LEVELS, 1).astype(np.float32)
    zero_point = np.rint(LOWEST - low / scale)
    codes = np.clip(np.rint(values / scale) + zero_point, LOWEST, LOWEST + LEVELS)
    return Quantized(codes.astype(np.int8), scale, zero_point.astype(np.int8))


def normalize(features: np.ndarray) -> np.ndarray:
    """Signed square roots of `features` (float32 [count, width]), in rows of unit length."""
    roots = np.sign(features) * np.sqrt(np.abs(features))
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    return roots / np.maximum(lengths, SMALLEST_LENGTH)


def append(model: onnx.ModelProto, features: np.ndarray, rows: np.ndarray, nearest: int) -> None:
    """Give `model` the outputs `distance` and `neighbours`, made of its output `features`.

    `features` (float32 [count, width]) are those of the training images `rows` (int64 [count]).
    `distance`, float32 [images], is the mean Euclidean distance to the `nearest` nearest of them
    (to all of them if they are fewer), all as `normalize` makes them; `neighbours`, int64 [images,
    nearest], tells which of `rows` these are.
    """
    nearest = min(nearest, len(rows))
    kept = quantize(normalize(features))
    constants = {
        "kept": kept.codes.T.copy(),
        "kept_scale": kept.scale,
        "kept_zero_point": kept.zero_point,
        "kept_rows": rows,
        "nearest": np.array([nearest]),
        "kept_square": (kept.values() ** 2).sum(axis=1),  # here once, not for each image
        "over_features": np.array([1]),
        "smallest_length": np.array(SMALLEST_LENGTH, np.float32),
    }
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    model.graph.initializer.extend(tensors)
    model.graph.node.extend(onnx.parser.parse_graph(GRAPH).node)
    output = helper.make_tensor_value_info
    model.graph.output.append(output("distance", TensorProto.FLOAT, [COUNT]))
    model.graph.output.append(output("neighbours", TensorProto.INT64, [COUNT, nearest]))
