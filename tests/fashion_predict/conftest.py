"""A tiny network in the form of an exported one, whose predictions can be told from the pixels."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from fashion_predict import Classifier

SHAPE = (8, 6)
METADATA = {
    "name": "halves",
    "classes": '["left", "right"]',
    "image_shape": "[8, 6]",
    "dataset": "Halves",
    "preprocessing": "fashion_mnist",
    "ood_threshold": "0.9",
    "target_fpr": "0.01",
    "min_confidence": "0.6",
}
LEFT = np.zeros(SHAPE, np.uint8)
LEFT[:, :3] = 200
EVEN = np.full(SHAPE, 100, np.uint8)  # uncertain
BRIGHT = np.full(SHAPE, 255, np.uint8)  # out-of-distribution


def save_halves(path, **metadata):
    """Logits are the means of the halves, 0 to 8; the OOD score is the mean of all, 0 to 1."""
    half = np.zeros(SHAPE, np.float32)
    half[:, :3] = 8 / (255 * half.size / 2)
    constants = {
        "flat": np.array([0, half.size], np.int64),
        "weights": np.stack([half.ravel(), half[:, ::-1].ravel()], axis=1),
        "mean": np.full(half.size, 1 / (255 * half.size), np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["floats", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("MatMul", ["features", "mean"], ["ood_score"]),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "halves",
        [tensor("images", TensorProto.UINT8, ["count", *SHAPE])],
        [
            tensor("probabilities", TensorProto.FLOAT, ["count", 2]),
            tensor("ood_score", TensorProto.FLOAT, ["count"]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = helper.make_opsetid("", 18)
    model = helper.make_model(graph, ir_version=8, opset_imports=[opset])
    helper.set_model_props(model, METADATA | metadata)
    onnx.save(model, path)
    return path


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    return save_halves(tmp_path_factory.mktemp("model") / "halves.onnx")


@pytest.fixture(scope="session")
def classifier(model_path):
    return Classifier.load(model_path)


@pytest.fixture
def images(tmp_path, monkeypatch):
    """The present folder, with an image for each kind of prediction and a broken one."""
    white = BRIGHT.copy()
    white[[0, 0, -1], [0, -1, 0]] = 0  # on a dark background
    for name, image in {"left": LEFT, "right": LEFT[:, ::-1], "even": EVEN, "white": white}.items():
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    monkeypatch.chdir(tmp_path)
    return tmp_path
