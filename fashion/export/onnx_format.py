"""ONNX: one file that runs on a server, on a computer without TensorFlow and in a browser.

tf2onnx names nodes by counters, which depend on what the process did before, and sorts nodes by
name. This module sorts them by their connections and renames them by position, so that equal models
give equal bytes.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import onnx
import tensorflow as tf
from onnx import NodeProto, TensorProto, helper, numpy_helper

from fashion.export.errors import ExportError
from fashion.inference.model import INPUT, OUTPUTS, input_signature
from fashion.suppress_stderr import suppress_stderr

OPSET = 18  # the newest opset that tf2onnx writes
COUNT = "count"  # name of the dimension that may have any size
LARGE_WEIGHT = 1 << 21  # values in a weight
HALVED_WEIGHT = 1 << 10


def convert(model: keras.Model) -> onnx.ModelProto:
    """Convert an inference model (`fashion.inference.model`) to ONNX.

    Raises `ExportError` if ONNX has no operators for its layers.
    """
    large = {
        f"large_{index}": weight
        for index, weight in enumerate(model.weights)
        if math.prod(weight.shape) > LARGE_WEIGHT
    }
    converted = _convert(model, large)
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [COUNT, model.output[name].shape[1]])
        for name in OUTPUTS
    ]
    shape = [COUNT, *model.input.shape[1:]]
    images = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, shape)
    nodes = sort_nodes(converted.graph.node, OUTPUTS)
    _refuse_other_operators(nodes)
    initializers = {tensor.name: tensor for tensor in converted.graph.initializer}
    for name, weight in large.items():
        initializers[name] = numpy_helper.from_array(weight.numpy(), name)
    read = dict.fromkeys(name for node in nodes for name in node.input if name in initializers)
    ordered = [initializers[name] for name in read]
    _rename(nodes, ordered)
    graph = helper.make_graph(nodes, "classifier", [images], outputs, ordered)
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=converted.ir_version,
        producer_name=converted.producer_name,
    )


def halve_weights(model: onnx.ModelProto) -> None:
    """Store weights of more than `HALVED_WEIGHT` values as float16, and compute in float32.

    Runtimes convert the weights once, when they load the file.
    """
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and math.prod(tensor.dims) > HALVED_WEIGHT:
            name, values = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(values, f"{name}_float16"))
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _convert(model: keras.Model, large: Mapping[str, keras.Variable]) -> onnx.ModelProto:
    """Convert `model` with tf2onnx, with the `large` weights as inputs of the graph.

    As constants, they would need too much memory: tf2onnx copies constants about sixty times, and
    the first layer of the `mlp` has 77 MB for colour images of 224 x 224 pixels.
    """
    inputs = [tf.TensorSpec(weight.shape, weight.dtype, name) for name, weight in large.items()]

    def call(images: tf.Tensor, *values: tf.Tensor) -> dict[str, tf.Tensor]:
        with keras.StatelessScope(state_mapping=[*zip(large.values(), values, strict=True)]):
            return model.call(images)

    with suppress_stderr():
        import tf2onnx  # it prints a message when it is imported

        specs = [*input_signature(model), *inputs]
        function = tf.function(call, input_signature=specs)
        return tf2onnx.convert.from_function(function, specs, opset=OPSET)[0]


def sort_nodes(nodes: Iterable[NodeProto], outputs: Sequence[str]) -> list[NodeProto]:
    """Sort the `nodes` that `outputs` need topologically, in an order that ignores names."""
    producers = {name: node for node in nodes for name in node.output}
    ordered: dict[str, NodeProto] = {}
    stack = [name for name in reversed(outputs) if name in producers]
    while stack:
        node = producers[stack[-1]]
        needed = (name for name in node.input if name in producers)
        missing = next((name for name in needed if producers[name].output[0] not in ordered), None)
        if missing is None:
            ordered[producers[stack.pop()].output[0]] = node
        else:
            stack.append(missing)
    return list(ordered.values())


def _refuse_other_operators(nodes: Iterable[NodeProto]) -> None:
    """Raise `ExportError` for operators that ONNX does not define, and for loops."""
    foreign = {
        node.op_type
        for node in nodes
        if not onnx.defs.has(node.op_type) or any(part.HasField("g") for part in node.attribute)
    }
    if foreign:
        raise ExportError(
            f"expected layers that ONNX has operators for, received {', '.join(sorted(foreign))}; "
            "give the network other layers or activations, and recurrent ones unroll=True"
        )


def _rename(nodes: Sequence[NodeProto], initializers: Sequence[TensorProto]) -> None:
    """Rename nodes, their outputs and `initializers` by position, except the graph outputs."""
    names = {name: name for name in (INPUT, *OUTPUTS, "")}
    for index, tensor in enumerate(initializers):
        names[tensor.name] = tensor.name = f"weight_{index}"
    for index, node in enumerate(nodes):
        node.name = f"{node.op_type}_{index}"
        for output in node.output:
            names.setdefault(output, f"{node.name}_{len(names)}")
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]


def to_bytes(model: onnx.ModelProto, metadata: Mapping[str, Any]) -> bytes:
    """Serialize `model` with `metadata` as properties. Values that are not strings become JSON.

    Raises `onnx.checker.ValidationError` if the model is not valid.
    """
    texts = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in metadata.items()
    }
    helper.set_model_props(model, texts)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)
