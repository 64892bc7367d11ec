"""Each format predictions in its own runtime what Keras predictions, from the same bytes each time."""

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
from scipy.special import softmax

from fashion.export import litert_format, onnx_format, parity
from fashion.inference_model import OUTPUTS, ExportError, make_inference_model
from tests.conftest import CLASSES, ROOT, SHAPE
from tests.export.conftest import IMAGES, METADATA, NEAREST, export, make_model

SUFFIXES = ("onnx", "tflite", "float16.tflite", "int8.tflite")
CLOSE = {"onnx": 1e-5, "tflite": 1e-5, "float16.tflite": 1e-2, "int8.tflite": 0.2}
PROGRAM = """
import hashlib
from fashion.determinism import make_deterministic
make_deterministic(0, 2)
from tests.export.conftest import export, make_model
formats = export(make_model("{kind}"))[1]
print([hashlib.sha256(content).hexdigest() for content in formats.values()])
"""


def run(suffix, content, images=IMAGES):
    return (parity.run_onnx if suffix == "onnx" else parity.run_litert)(content, images, 1)


def digests(contents):
    return [hashlib.sha256(content).hexdigest() for content in contents]


def test_the_answering_model_keeps_the_probabilities(model, exported):
    predictions = exported[0].predict(IMAGES, verbose=0)
    np.testing.assert_array_equal(predictions["probabilities"], model.predict(IMAGES, verbose=0))
    np.testing.assert_allclose(
        softmax(predictions["logits"], axis=1), predictions["probabilities"], 1e-5
    )
    last = model.get_layer("probabilities")
    np.testing.assert_allclose(
        predictions["features"] @ last.kernel + last.bias, predictions["logits"], atol=1e-5
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_form_takes_any_count_of_raw_pixels_and_answers_as_keras(exported, suffix):
    predictions, contents = exported
    expected = predictions.predict(IMAGES, verbose=0)
    for count in (1, 7):
        found = run(suffix, contents[suffix], IMAGES[:count])
        for name in OUTPUTS:
            assert found[name].dtype == np.float32
            scale = max(1, np.abs(expected[name]).max())
            np.testing.assert_allclose(
                found[name], expected[name][:count], atol=scale * CLOSE[suffix]
            )


WIDE = {"mlp": {}, "cnn": {"filters": (4, 8, 16)}}  # so that weights are most of the file


def test_precision_shows_in_the_size(kind):
    contents = export(make_model(kind, **WIDE[kind]))[1]
    float32, float16, int8 = (len(contents[suffix]) for suffix in litert_format.SUFFIXES)
    assert int8 < float16 < float32


def test_onnx_says_what_goes_in_and_out(exported):
    session = onnxruntime.InferenceSession(exported[1]["onnx"])
    image, features = session.get_inputs()[0], session.get_outputs()[2]
    assert (image.name, image.type, image.shape) == ("images", "tensor(uint8)", ["count", *SHAPE])
    outputs = {output.name: output.shape for output in session.get_outputs()}
    assert list(outputs) == [*OUTPUTS, "distance", "neighbours"]
    assert outputs["probabilities"] == outputs["logits"] == ["count", len(CLASSES)]
    assert features.shape[0] == outputs["distance"][0] == "count"
    assert outputs["neighbours"] == ["count", NEAREST]


def test_onnx_is_of_the_standard_operators_alone_and_names_no_counter(exported):
    model = onnx.load_from_string(exported[1]["onnx"])
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 18)]
    names = {name for node in model.graph.node for name in (node.name, *node.output)}
    assert not [name for name in names if "/" in name or "__" in name]


def test_metadata_is_json_in_the_properties_of_onnx(exported):
    session = onnxruntime.InferenceSession(exported[1]["onnx"])
    found = session.get_modelmeta().custom_metadata_map
    assert found.pop("name") == "small"
    assert {key: json.loads(text) for key, text in found.items()} | {"name": "small"} == METADATA


def small_graph(width=2):
    graph = f"g (float[1, 2] x) => (float[1, {width}] y) {{ y = Relu (x) }}"
    return onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 18]> {graph}')


def test_letters_stand_in_metadata_as_they_are():
    metadata = {"name": "Zürich", "classes": ["Schuh", "Müller"], "count": 3, "none": None}
    properties = onnx.load_from_string(onnx_format.to_bytes(small_graph(), metadata)).metadata_props
    assert {one.key: one.value for one in properties} == {
        "name": "Zürich",
        "classes": '["Schuh", "Müller"]',
        "count": "3",
        "none": "null",
    }
    with zipfile.ZipFile(io.BytesIO(litert_format.to_bytes(b"model", metadata))) as archive:
        written = {name: archive.read(name).decode() for name in archive.namelist()}
    text = '{\n  "name": "Zürich",\n  "classes": [\n    "Schuh",\n    "Müller"\n  ],\n'
    assert written == {
        "metadata.json": text + '  "count": 3,\n  "none": null\n}\n',
        "labels.txt": "Schuh\nMüller\n",
    }


def test_a_model_whose_shapes_do_not_fit_is_not_written():
    with pytest.raises(onnx.shape_inference.InferenceError):
        onnx_format.to_bytes(small_graph(width=3), {})


def test_weights_are_held_in_the_precision_of_the_file(kind, exported):
    kinds = {}
    for suffix in litert_format.SUFFIXES:
        details = Interpreter(model_content=exported[1][suffix]).get_tensor_details()
        kinds[suffix] = [one["dtype"] for one in details if len(one["shape"]) > 1]
    assert {np.float32} == {one for one in kinds["tflite"] if one is not np.uint8}
    assert np.float16 in kinds["float16.tflite"]
    assert np.int8 not in kinds["float16.tflite"]
    assert kinds["int8.tflite"].count(np.int8) > kinds["int8.tflite"].count(np.float32)


def test_every_image_counts_for_the_ranges_of_int8():
    predictions = make_inference_model(ending_in_softmax(keras.layers.Flatten(name="flatten")))
    images = np.zeros((3, *SHAPE), np.uint8)
    images[2] = 255
    orders = (images, images[::-1], images[[2]], images[:2])
    first, *same, dark = (
        litert_format.convert(predictions, some)["int8.tflite"] for some in orders
    )
    assert same == [first] * 2
    assert dark != first


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_metadata_is_a_file_in_the_archive_at_the_end_of_litert(exported, suffix):
    with zipfile.ZipFile(io.BytesIO(exported[1][suffix])) as archive:
        assert json.loads(archive.read("metadata.json")) == METADATA
        assert archive.read("labels.txt").decode().splitlines() == CLASSES
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_equal_models_make_equal_bytes_whatever_was_built_before(kind, exported):
    for width in (3, 4):
        keras.layers.Dense(width)(keras.Input((width,)))
        tf.function(lambda x: x + 1)(tf.zeros(width))
    again = export(make_model(kind))[1]
    assert digests(again.values()) == digests(exported[1].values())


@pytest.mark.slow
def test_another_process_with_other_hashes_makes_the_same_bytes(kind, exported):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(kind=kind)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == str(digests(exported[1].values()))


def test_large_weights_pass_the_converter_by_and_change_no_answer(monkeypatch, kind, exported):
    taken = []
    convert = onnx_format._converted

    def spy(predictions, large):
        taken.extend(large)
        return convert(predictions, large)

    monkeypatch.setattr(onnx_format, "_converted", spy)
    assert onnx_format.convert(exported[0]).graph.initializer
    assert not taken
    monkeypatch.setattr(onnx_format, "LARGE", 100)
    large = onnx_format.convert(exported[0])
    assert taken
    found = parity.run_onnx(large.SerializeToString(), IMAGES, 1)
    np.testing.assert_allclose(
        found["logits"], run("onnx", exported[1]["onnx"])["logits"], atol=1e-5
    )
    assert [one.name for one in large.graph.input] == ["images"]


def test_nodes_are_ordered_by_what_they_need_whatever_their_names_and_order():
    text = "g (float[1] x) => (float[1] y, float[1] z) {"
    made = ["a = Relu (x)", "b = Exp (a)", "y = Add (b, a)", "z = Sqrt (b)", "unused = Relu (x)"]
    orders = [
        [node.op_type for node in onnx_format.from_outputs(graph.node, ["y", "z"])]
        for graph in (
            onnx.parser.parse_graph(f"{text} {' '.join(m)} }}") for m in (made, made[::-1])
        )
    ]
    assert orders == [["Relu", "Exp", "Add", "Sqrt"]] * 2


def ending_in_softmax(build_features):
    """A model as `fashion.networks.building` makes it of a network that someone adds."""
    images = keras.Input(SHAPE, name="images")
    last = keras.layers.Dense(len(CLASSES), activation="softmax", name="probabilities")
    return keras.Model(images, last(build_features(images)))


def layers_of_all_sorts(images):
    x = keras.layers.Reshape((*SHAPE, 1), name="channel")(images)
    x = keras.layers.SeparableConv2D(4, 3, activation="swish", name="separable")(x)
    x = keras.layers.LayerNormalization(name="norm")(x)
    x = keras.layers.Conv2D(6, 3, strides=2, activation="elu", name="strided")(x)
    x = keras.layers.AveragePooling2D(2, name="pool")(x)
    x = keras.layers.Concatenate(name="both")([x, keras.layers.Activation("tanh", name="t")(x)])
    return keras.layers.GlobalAveragePooling2D(name="mean")(x)


def test_a_network_of_other_layers_is_exported_too(capfd):
    model = ending_in_softmax(layers_of_all_sorts)
    contents, labels = export(model)[1], np.zeros(len(IMAGES), np.uint8)
    parity.compare(contents, IMAGES, labels, model.predict(IMAGES, verbose=0), 1)
    assert list(contents) == list(SUFFIXES)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("layer", "operator"),
    [
        (lambda: keras.layers.GRU(4, name="recurrent"), "Loop"),
        (lambda: keras.layers.Dense(4, activation="gelu", name="dense"), "Erfc"),
    ],
)
def test_layers_that_onnx_has_not_are_refused_in_a_line(layer, operator, capfd):
    model = ending_in_softmax(lambda x: keras.layers.Flatten(name="flatten")(layer()(x)))
    with pytest.raises(ExportError, match=rf"ONNX has operators for, received {operator}; give"):
        onnx_format.convert(make_inference_model(model))
    assert capfd.readouterr() == ("", "")


def test_layers_that_litert_has_not_are_refused_in_a_line(capfd):
    model = ending_in_softmax(keras.layers.LSTM(4, name="recurrent"))
    with pytest.raises(ExportError, match="expected layers that LiteRT has operators for"):
        litert_format.convert(make_inference_model(model), IMAGES[:5])
    assert capfd.readouterr() == ("", "")
