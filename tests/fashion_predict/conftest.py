"""A tiny network in the form of an exported one, whose predictions can be told from the pixels."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fashion_predict import Classifier

SHAPE = (8, 6)
METADATA = {
    "name": "halves",
    "classes": '["left", "right"]',
    "image_shape": json.dumps(SHAPE),
    "data": "Halves",
    "preprocessing": "fashion_mnist",
    "data_sha256": "0" * 64,
    "model_sha256": "1" * 64,
    "metrics": '{"accuracy": 0.75}',
    "ood_threshold": "0.9",
    "target_fpr": "0.01",
    "min_confidence": "0.6",
}


def halves(metadata):
    """Logits are the mean of either half, 0 to 8; the distance is the mean of all, 0 to 1."""
    half = np.zeros(SHAPE, np.float32)
    half[:, :3] = 8 / (255 * half.size / 2)
    weights = np.stack([half.ravel(), half[:, ::-1].ravel()], axis=1)
    constants = {
        "flat": np.array([0, half.size], np.int64),
        "weights": weights,
        "all": np.full(half.size, 1 / (255 * half.size), np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["floats", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("MatMul", ["features", "all"], ["distance"]),
    ]
    floats = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "halves",
        [floats("images", TensorProto.UINT8, ["count", *SHAPE])],
        [
            floats("probabilities", TensorProto.FLOAT, ["count", 2]),
            floats("distance", TensorProto.FLOAT, ["count"]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = helper.make_opsetid("", 18)
    model = helper.make_model(graph, ir_version=10, opset_imports=[opset])
    helper.set_model_props(model, metadata)
    return model


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "halves.onnx"
    onnx.save(halves(METADATA), path)
    return path


@pytest.fixture(scope="session")
def classifier(model_path):
    return Classifier.load(model_path)
