"""Adds the out-of-distribution score of `fashion.inference.knn` to an ONNX graph."""

import numpy as np
import onnx
import onnx.parser
from onnx import TensorProto, helper, numpy_helper

from fashion.export.onnx_format import COUNT
from fashion.inference.knn import MIN_NORM, Bank

GRAPH = """
knn (float[count, width] features)
=> (float[count] ood_score, int64[count, k] reference_indices) {
    magnitude = Abs (features)
    root = Sqrt (magnitude)
    sign = Sign (features)
    signed_root = Mul (sign, root)
    length = ReduceL2 <keepdims = 1> (signed_root, feature_axis)
    divisor = Max (length, min_length)
    query = Div (signed_root, divisor)
    bank = DequantizeLinear <axis = 0> (bank_codes, bank_scale, bank_zero_point)
    query_square = ReduceSumSquare <keepdims = 1> (query, feature_axis)
    product = MatMul (query, bank)
    sum = Add (query_square, bank_square)
    twice = Add (product, product)
    difference = Sub (sum, twice)
    squared = Relu (difference)
    smallest, positions = TopK <largest = 0> (squared, k)
    distances = Sqrt (smallest)
    ood_score = ReduceMean <keepdims = 0> (distances, feature_axis)
    reference_indices = Gather (bank_indices, positions)
}
"""


def append_knn(model: onnx.ModelProto, bank: Bank, k: int) -> None:
    """Give `model` the outputs `ood_score` and `reference_indices`, made from `features`.

    `ood_score`, float32 [count], is `bank.distances(features, k)`. `reference_indices`, int64
    [count, k], are the indices of the nearest references among the training images, nearest first.
    """
    k = min(k, len(bank.indices))
    constants = {
        "bank_codes": bank.codes.T.copy(),
        "bank_scale": bank.scale,
        "bank_zero_point": bank.zero_point,
        "bank_indices": bank.indices,
        "bank_square": (bank.values() ** 2).sum(axis=1).astype(np.float32),  # computed once
        "k": np.array([k]),
        "feature_axis": np.array([1]),
        "min_length": np.array(MIN_NORM, np.float32),
    }
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    model.graph.initializer.extend(tensors)
    model.graph.node.extend(onnx.parser.parse_graph(GRAPH).node)
    output = helper.make_tensor_value_info
    model.graph.output.append(output("ood_score", TensorProto.FLOAT, [COUNT]))
    model.graph.output.append(output("reference_indices", TensorProto.INT64, [COUNT, k]))
