"""Each format predicts in its own runtime what Keras predicts, and has the same bytes each time."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from fashion.export import litert_format, onnx_format
from fashion.export.errors import ExportError
from fashion.export.parity import run_litert, run_onnx
from fashion.export.provenance import data_digest
from fashion.inference.model import OUTPUTS, make_inference_model
from tests.conftest import CLASSES, ROOT, SHAPE
from tests.export.conftest import DATA, IMAGES, METADATA, K, export, make_model

TOLERANCE = {"onnx": 1e-5, "tflite": 1e-5, "float16.tflite": 1e-2, "int8.tflite": 0.2}
PROGRAM = """
import hashlib
from fashion.models.determinism import make_deterministic
make_deterministic(0, 2)
from tests.export.conftest import export, make_model
files = export(make_model("{network}"))[2]
print([hashlib.sha256(content).hexdigest() for content in files.values()])
"""


def digests(files):
    return [hashlib.sha256(content).hexdigest() for content in files.values()]


@pytest.mark.parametrize("suffix", TOLERANCE)
def test_a_format_predicts_as_keras_for_any_number_of_images(files, expected, suffix):
    run = run_onnx if suffix == "onnx" else run_litert
    for count in (1, 7):
        found = run(files[suffix], IMAGES[:count], 1)
        for name in OUTPUTS:
            scale = max(1, np.abs(expected[name]).max())
            np.testing.assert_allclose(
                found[name], expected[name][:count], atol=scale * TOLERANCE[suffix]
            )


def test_onnx_has_the_distance_to_the_nearest_references(exported, files, expected):
    bank = exported[1]
    found = run_onnx(files["onnx"], IMAGES, 1, ["ood_score", "reference_indices"])
    np.testing.assert_allclose(found["ood_score"], expected["ood_score"], atol=1e-4)
    indices = found["reference_indices"]
    assert indices.dtype == np.int64
    assert indices.shape == (len(IMAGES), K)
    np.testing.assert_array_equal(indices[bank.indices, 0], bank.indices)  # nearest to itself


def test_halved_weights_need_half_the_bytes_and_predict_almost_the_same():
    *_, files = export(make_model("mlp", units=(200,)), onnx_weights="float16")
    *_, exact = export(make_model("mlp", units=(200,)))
    assert len(files["onnx"]) < 0.6 * len(exact["onnx"])
    assert files["tflite"] == exact["tflite"]
    one, other = (
        run_onnx(content["onnx"], IMAGES, 1, ["probabilities", "ood_score"])
        for content in (files, exact)
    )
    for name, values in one.items():
        np.testing.assert_allclose(values, other[name], atol=1e-2)
        assert not np.array_equal(values, other[name])


def test_onnx_has_standard_operators_names_and_metadata(files):
    session = onnxruntime.InferenceSession(files["onnx"])
    [image] = session.get_inputs()
    assert (image.name, image.type, image.shape) == ("images", "tensor(uint8)", ["count", *SHAPE])
    outputs = [output.name for output in session.get_outputs()]
    assert outputs == [*OUTPUTS, "ood_score", "reference_indices"]
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata.pop("name") == "small"
    assert {key: json.loads(text) for key, text in metadata.items()} | {"name": "small"} == METADATA
    model = onnx.load_from_string(files["onnx"])
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 18)]
    names = {name for node in model.graph.node for name in (node.name, *node.output)}
    assert not [name for name in names if "/" in name or "__" in name]  # counters of a process


@pytest.mark.parametrize("suffix", litert_format.SUFFIXES)
def test_litert_ends_in_an_archive_with_metadata(files, suffix):
    with zipfile.ZipFile(io.BytesIO(files[suffix])) as archive:
        assert json.loads(archive.read("metadata.json")) == METADATA
        assert archive.read("labels.txt").decode().splitlines() == CLASSES
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def small_graph():
    graph = "g (float[1, 2] x) => (float[1, 2] y) { y = Relu (x) }"
    return onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 18]> {graph}')


def test_metadata_keep_the_letters_of_any_language():
    metadata = {"name": "Zürich", "classes": ["Schuh", "Müller"], "license": None}
    properties = onnx.load_from_string(onnx_format.to_bytes(small_graph(), metadata)).metadata_props
    assert {one.key: one.value for one in properties} == {
        "name": "Zürich",
        "classes": '["Schuh", "Müller"]',
        "license": "null",
    }
    with zipfile.ZipFile(io.BytesIO(litert_format.to_bytes(b"model", metadata))) as archive:
        assert "Müller" in archive.read("metadata.json").decode()
        assert archive.read("labels.txt").decode() == "Schuh\nMüller\n"


def test_weights_have_the_precision_of_the_file(files):
    dtypes = {}
    for suffix in litert_format.SUFFIXES:
        details = Interpreter(model_content=files[suffix]).get_tensor_details()
        dtypes[suffix] = [one["dtype"] for one in details if len(one["shape"]) > 1]
    assert {*dtypes["tflite"]} <= {np.float32, np.uint8}
    assert np.float16 in dtypes["float16.tflite"]
    assert np.int8 not in dtypes["float16.tflite"]
    assert dtypes["int8.tflite"].count(np.int8) > dtypes["int8.tflite"].count(np.float32)


def test_every_representative_image_counts():
    model = make_inference_model(ending_in_softmax(keras.layers.Flatten(name="flatten")))
    images = np.zeros((3, *SHAPE), np.uint8)
    images[2] = 255
    first, reversed_, brightest, dark = (
        litert_format.convert(model, chosen)["int8.tflite"]
        for chosen in (images, images[::-1], images[[2]], images[:2])
    )
    assert first == reversed_ == brightest != dark


def test_equal_models_make_equal_bytes_whatever_was_built_before(network, files):
    for width in (3, 4):
        keras.layers.Dense(width)(keras.Input((width,)))
        tf.function(lambda x: x + 1)(tf.zeros(width))
    assert digests(export(make_model(network))[2]) == digests(files)


@pytest.mark.slow
def test_another_process_makes_the_same_bytes(network, files):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(network=network)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == str(digests(files))


def test_large_weights_bypass_the_converter(monkeypatch, exported, expected):
    monkeypatch.setattr(onnx_format, "LARGE_WEIGHT", 100)
    graph = onnx_format.convert(exported[0])
    assert [one.name for one in graph.graph.input] == ["images"]
    found = run_onnx(graph.SerializeToString(), IMAGES, 1)
    np.testing.assert_allclose(found["logits"], expected["logits"], atol=1e-5)


def test_nodes_are_ordered_by_their_inputs_whatever_their_names():
    text = "g (float[1] x) => (float[1] y, float[1] z) {"
    made = ["a = Relu (x)", "b = Exp (a)", "y = Add (b, a)", "z = Sqrt (b)", "unused = Relu (x)"]
    for lines in (made, made[::-1]):
        graph = onnx.parser.parse_graph(f"{text} {' '.join(lines)} }}")
        ordered = onnx_format.sort_nodes(graph.node, ["y", "z"])
        assert [node.op_type for node in ordered] == ["Relu", "Exp", "Add", "Sqrt"]


def ending_in_softmax(build_features):
    """A model with the last layer that `fashion.networks.building` gives every network."""
    images = keras.Input(SHAPE, name="images")
    last = keras.layers.Dense(len(CLASSES), activation="softmax", name="probabilities")
    return keras.Model(images, last(build_features(images)))


def many_layers(images):
    x = keras.layers.Reshape((*SHAPE, 1), name="channel")(images)
    x = keras.layers.SeparableConv2D(4, 3, activation="swish", name="separable")(x)
    x = keras.layers.LayerNormalization(name="norm")(x)
    x = keras.layers.Conv2D(6, 3, strides=2, activation="elu", name="strided")(x)
    x = keras.layers.AveragePooling2D(2, name="pool")(x)
    x = keras.layers.Concatenate(name="both")([x, keras.layers.Activation("tanh", name="t")(x)])
    return keras.layers.GlobalAveragePooling2D(name="mean")(x)


def test_networks_with_other_layers_are_exported(capfd):
    model, _, files = export(ending_in_softmax(many_layers))
    expected = model.predict(IMAGES, verbose=0)["probabilities"]
    found = run_onnx(files["onnx"], IMAGES, 1)["probabilities"]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("layer", "convert", "message"),
    [
        (keras.layers.GRU, onnx_format.convert, "ONNX has operators for, received Loop; give"),
        (
            lambda units: keras.layers.Dense(units, activation="gelu", name="dense"),
            onnx_format.convert,
            "ONNX has operators for, received Erfc; give",
        ),
        (
            keras.layers.LSTM,
            lambda model: litert_format.convert(model, IMAGES[:5]),
            "expected layers that LiteRT has operators for",
        ),
    ],
)
def test_unsupported_layers_are_refused_in_one_line(layer, convert, message, capfd):
    model = ending_in_softmax(lambda x: keras.layers.Flatten(name="flatten")(layer(4)(x)))
    with pytest.raises(ExportError, match=message):
        convert(make_inference_model(model))
    assert capfd.readouterr() == ("", "")


def test_the_digest_of_the_data_covers_pixels_and_labels():
    expected = hashlib.sha256(DATA.images.tobytes() + DATA.labels.tobytes()).hexdigest()
    assert data_digest(*DATA) == expected
