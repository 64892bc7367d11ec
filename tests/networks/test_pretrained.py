"""A tiny backbone with a residual branch and batch normalisation, in place of a real one."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from pydantic import ValidationError

from fashion.config.model import BACKBONES, Model, Pretrained
from fashion.export.onnx_format import convert, to_bytes
from fashion.export.parity import run_onnx
from fashion.inference.model import make_inference_model, predict
from fashion.io.files import FileError, sha256
from fashion.models.layers import NetworkError, trainable_parameters
from fashion.models.saving import read_model, write_model
from fashion.networks.building import build
from fashion.training import loop, steps
from fashion.training.features import with_features
from tests.conftest import FIT, MUON, UNCHANGED, small_split

SHAPE, CLASSES = (20, 20, 3), 5
PATH = f"{BACKBONES}/tiny.keras"
TRAIN, VALIDATION = (small_split(20, seed, shape=SHAPE) for seed in (0, 1))


def make_backbone():
    images = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 255)(images)
    x = layers.Conv2D(4, 3, strides=2, name="first")(x)
    x = shortcut = layers.ReLU()(layers.BatchNormalization(name="norm")(x))
    x = layers.DepthwiseConv2D(3, padding="same", name="second")(x)
    x = layers.Add()([layers.BatchNormalization()(x), shortcut])
    return keras.Model(images, layers.Conv2D(8, 3, activation="relu", name="third")(x))


@pytest.fixture(autouse=True)
def network(tmp_path, monkeypatch):
    """A function that makes a network of this backbone, with changed settings."""
    monkeypatch.chdir(tmp_path)
    Path(BACKBONES).mkdir(parents=True)
    keras.utils.set_random_seed(0)
    make_backbone().save(PATH)

    def settings(path=PATH, **changes):
        digest = sha256(path) if Path(path).exists() else "0" * 64
        document = {"kind": "pretrained", "backbone": path, "backbone_sha256": digest}
        return Pretrained.model_validate(
            document | {"trainable_layers": 1, "dropout": 0.0} | changes
        )

    return settings


def trained(network, augmentation=UNCHANGED, **changes):
    """A model that was trained as the stage does it, and its settings before."""
    document = {
        "network": network.model_dump(),
        "augment": augmentation,
        "fit": FIT | {"epochs": 3, "learning_rate": 0.05} | changes,
        "tta": "none",
    }
    settings = Model.model_validate(document)
    keras.utils.set_random_seed(1)
    model = build(network, SHAPE, CLASSES)
    before = {weight.path: weight.numpy() for weight in model.weights}
    inputs = with_features(model, TRAIN, VALIDATION, settings)
    history = loop.fit(*inputs, settings.fit, settings.augment, seed=0)
    changed = {
        weight.path.split("/")[-2]
        for weight in model.weights
        if (weight.numpy() != before[weight.path]).any()
    }
    return model, history, changed


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, set()), (1, {"third"}), (2, {"second", "third"}), (3, {"first", "second", "third"})],
)
def test_the_last_layers_are_trained_and_normalisation_never(network, count, expected):
    flip = UNCHANGED | {"flip": True}
    _, _, changed = trained(network(trainable_layers=count), flip, epochs=1)
    assert changed == expected | {"probabilities"}


@pytest.mark.parametrize("count", [1, 2])
def test_gradients_stop_at_the_first_layer_that_is_trained(network, count):
    model = build(network(trainable_layers=count), SHAPE, CLASSES)
    loop.compile_model(model, Model.model_validate(settings_of(network())).fit, steps=4)
    train = steps.train_function(model, 16, model, np.dtype(np.uint8))
    graph = train.get_concrete_function().graph.as_graph_def()
    operations = [node.op for function in graph.library.function for node in function.node_def]
    assert operations.count("Conv2DBackpropFilter") == 1, "of the third convolution"
    assert operations.count("DepthwiseConv2dNativeBackpropFilter") == count - 1


def settings_of(network, **changes):
    document = {"network": network.model_dump(), "augment": UNCHANGED, "fit": FIT, "tta": "none"}
    return document | changes


def test_features_of_a_frozen_backbone_are_computed_once_and_train_the_same_layer(network):
    frozen = network(trainable_layers=0)
    model, history, changed = trained(frozen)
    assert changed == {"probabilities"}
    settings = Model.model_validate(settings_of(frozen))
    untrained = build(frozen, SHAPE, CLASSES)
    head, train, _ = with_features(untrained, TRAIN, VALIDATION, settings)
    assert head.input_shape == (None, 8)
    np.testing.assert_allclose(head(train.images), untrained(TRAIN.images), atol=1e-5)
    whole = settings.model_copy(
        update={"augment": settings.augment.model_copy(update={"flip": True})}
    )
    assert with_features(untrained, TRAIN, VALIDATION, whole)[0] is untrained
    assert history["val_accuracy"][-1] == pytest.approx(
        np.mean(model(VALIDATION.images).numpy().argmax(axis=1) == VALIDATION.labels)
    )


def test_a_trained_model_is_saved_whole_and_exported(network):
    model, _, _ = trained(network())
    for name in ("one.keras", "two.keras"):
        write_model(name, model)
    assert Path("one.keras").read_bytes() == Path("two.keras").read_bytes()
    Path(PATH).unlink()
    again = read_model("one.keras")
    np.testing.assert_array_equal(again(TRAIN.images), model(TRAIN.images))
    assert trainable_parameters(again) > trainable_parameters(model), "saved as trainable"
    inference = make_inference_model(again)
    expected = predict(inference, TRAIN.images)
    assert expected["features"].shape == (len(TRAIN.labels), 8)
    content = to_bytes(convert(inference), {"name": "tiny"})
    outputs = run_onnx(content, TRAIN.images, threads=1)
    for name, values in expected.items():
        np.testing.assert_allclose(outputs[name], values, atol=1e-4)


def test_an_earlier_model_of_this_project_is_continued_with_other_classes(network):
    earlier, _, _ = trained(network(dropout=0.3))
    write_model("earlier.keras", earlier)
    shutil.copy("earlier.keras", f"{BACKBONES}/earlier.keras")
    model = build(network(f"{BACKBONES}/earlier.keras"), SHAPE, CLASSES + 1)
    assert [layer.name for layer in model.layers][1:] == ["backbone", "dropout", "probabilities"]
    trainable = {weight.path.split("/")[-2] for weight in model.trainable_weights}
    assert trainable == {"third", "probabilities"}
    inputs = make_inference_model(earlier), make_inference_model(model)
    before, after = (predict(inference, TRAIN.images)["features"] for inference in inputs)
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_greyscale_images_are_repeated_for_a_backbone_of_colours(network):
    grey = TRAIN.images[..., 0]
    outputs = [build(network(), images.shape[1:], CLASSES) for images in (grey, TRAIN.images)]
    outputs[1].set_weights(outputs[0].get_weights())
    np.testing.assert_allclose(
        outputs[0](grey), outputs[1](np.stack([grey] * 3, axis=-1)), atol=1e-6
    )


@pytest.mark.parametrize(
    ("changes", "shape", "expected"),
    [
        ({"path": f"{BACKBONES}/no.keras"}, SHAPE, r"no\.keras: missing; copy the backbone there"),
        ({"backbone_sha256": "0" * 64}, SHAPE, "checksum mismatch: expected 0{64}, found [0-9a-f]"),
        ({"path": f"{BACKBONES}/code.keras"}, SHAPE, "expected a Keras model without code: "),
        ({"trainable_layers": 4}, SHAPE, "expected network.trainable_layers at most 3"),
        ({}, (20, 20, 2), r"expected a model for images of shape \(20, 20, 2\), found one for"),
    ],
)
def test_a_backbone_that_does_not_suit_is_refused_in_one_line(network, changes, shape, expected):
    images = keras.Input((20, 20, 3))
    keras.Model(images, layers.Lambda(lambda x: x)(images)).save(f"{BACKBONES}/code.keras")
    with pytest.raises((FileError, NetworkError), match=expected) as error:
        build(network(**changes), shape, CLASSES)
    assert "\n" not in str(error.value)


def test_muon_and_files_elsewhere_are_refused(network):
    with pytest.raises(ValidationError, match="because muon rescales the kernels"):
        Model.model_validate(settings_of(network(), fit=FIT | {"optimizer": MUON}))
    with pytest.raises(ValidationError, match="should match pattern"):
        network("models/cnn.keras")
