"""A tiny network in the form of an exported one, whose predictions can be told from the pixels."""

import numpy as np
import onnx
import onnx.parser
import pytest
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


# Logits are the means of the left and right half, from 0 to 8; the OOD score is the mean, 0 to 1.
HALVES = """
<ir_version: 8, opset_import: ["": 18]>
halves (uint8[count, 8, 6] images) => (float[count, 2] probabilities, float[count] ood_score) {
    shape = Constant <value = int64[4] {0, 8, 2, 3}> ()
    rows_and_columns = Constant <value = int64[2] {1, 3}> ()
    all = Constant <value = int64[2] {1, 2}> ()
    white = Constant <value = float {255.0}> ()
    scale = Constant <value = float {8.0}> ()
    floats = Cast <to = 1> (images)
    pixels = Div (floats, white)
    halves = Reshape (pixels, shape)
    means = ReduceMean <keepdims = 0> (halves, rows_and_columns)
    logits = Mul (means, scale)
    probabilities = Softmax <axis = 1> (logits)
    ood_score = ReduceMean <keepdims = 0> (pixels, all)
}
"""


def save_halves(path, **metadata):
    model = onnx.parser.parse_model(HALVES)
    onnx.helper.set_model_props(model, METADATA | metadata)
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
    """The current folder, with an image for every possible prediction and a broken one."""
    white = BRIGHT.copy()
    white[[0, 0, -1], [0, -1, 0]] = 0  # on a dark background
    for name, image in {"left": LEFT, "right": LEFT[:, ::-1], "even": EVEN, "white": white}.items():
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    monkeypatch.chdir(tmp_path)
    return tmp_path
