import doctest
import io
import json
from dataclasses import FrozenInstanceError

import numpy as np
import onnx
import pytest
from PIL import Image

from fashion import inference
from fashion.errors import FashionError
from fashion_predict import (
    Classifier,
    ImageError,
    ModelError,
    classifier,
    finding,
    images,
    preprocessing,
)
from fashion_predict.images.reading import SUFFIXES
from tests.conftest import ROOT
from tests.fashion_predict.conftest import METADATA, SHAPE, halves

LEFT = np.zeros(SHAPE, np.uint8)
LEFT[:, :3] = 200
BRIGHT = np.full(SHAPE, 255, np.uint8)
EVEN = np.full(SHAPE, 100, np.uint8)
SHIPPED = classifier.CHECKOUT / "models/cnn.onnx"


def test_what_the_file_says_of_the_network_is_read(classifier):
    assert classifier.name == "halves"
    assert classifier.classes == ["left", "right"]
    assert classifier.image_shape == SHAPE
    assert classifier.metrics == {"accuracy": 0.75}
    assert (classifier.ood_threshold, classifier.min_confidence) == (0.9, 0.6)
    assert classifier.target_fpr == 0.01
    assert classifier.metadata == METADATA


def test_an_answer_has_the_class_and_the_probability_of_each(classifier):
    [prediction] = classifier.predict_arrays(LEFT[np.newaxis])
    odds = np.exp(8 * 200 / 255)
    assert prediction.label == prediction.best == "left"
    assert list(prediction.probabilities) == ["left", "right"]
    assert prediction.probability == pytest.approx(odds / (odds + 1))
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert prediction.distance == pytest.approx(100 / 255)
    [mirrored] = classifier.predict_arrays(LEFT[np.newaxis, :, ::-1])
    assert list(mirrored.probabilities) == ["right", "left"]


def test_unlike_the_training_images_is_none_of_the_classes_and_low_is_not_sure(classifier):
    labels = [
        prediction.label for prediction in classifier.predict_arrays(np.stack([BRIGHT, EVEN, LEFT]))
    ]
    assert labels == ["none of the classes", "not sure", "left"]


@pytest.fixture
def at_bounds(classifier, tmp_path):
    """The classifier with the thresholds that the prediction to `LEFT` is at, times the factors."""
    [prediction] = classifier.predict_arrays(LEFT[np.newaxis])

    def load(distance, probability):
        bounds = {"ood_threshold": prediction.distance * distance}
        bounds["min_confidence"] = prediction.probability * probability
        onnx.save(halves(METADATA | {k: repr(v) for k, v in bounds.items()}), tmp_path / "x.onnx")
        return Classifier.load(tmp_path / "x.onnx")

    return load


@pytest.mark.parametrize(
    ("distance", "probability", "label"),
    [
        (1, 1, "left"),
        (1 - 1e-6, 1, "none of the classes"),
        (1, 1 + 1e-6, "not sure"),
        (1 - 1e-6, 1 + 1e-6, "none of the classes"),
    ],
)
def test_a_image_at_both_thresholds_is_of_its_class(at_bounds, distance, probability, label):
    [prediction] = at_bounds(distance, probability).predict_arrays(LEFT[np.newaxis])
    assert (prediction.label, prediction.best) == (label, "left")


def test_an_answer_cannot_be_changed_and_equal_classes_are_in_their_order(classifier):
    [prediction] = classifier.predict_arrays(EVEN[np.newaxis])
    assert list(prediction.probabilities) == ["left", "right"]
    with pytest.raises(FrozenInstanceError):
        prediction.label = "right"


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 9])
def test_batches_are_answered_in_order(monkeypatch, model_path, count):
    monkeypatch.setattr(classifier, "BATCH", 4)
    images = np.stack([np.roll(LEFT, n % 2 * 3, axis=1) // (n + 1) for n in range(count)])
    predictions = Classifier.load(model_path).predict_arrays(images)
    assert [prediction.distance for prediction in predictions] == pytest.approx(
        images.mean((1, 2)) / 255
    )
    assert [prediction.best for prediction in predictions] == (["left", "right"] * 5)[:count]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_call_has_one_thread_or_as_many_as_asked_for(model_path, threads):
    loaded = Classifier.load(model_path, *[threads][: threads - 1])
    options = loaded._session.get_session_options()
    assert options.intra_op_num_threads == options.inter_op_num_threads == threads


def test_what_the_package_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(inference, "nothing")  # noqa: B009


def test_many_images_are_answered_as_one_by_one(classifier):
    images = np.random.default_rng(0).integers(0, 200, (150, *SHAPE), dtype=np.uint8)
    together = classifier.predict_arrays(images)
    assert len(together) == 150
    for image, prediction in zip(images[::37], together[::37], strict=True):
        assert classifier.predict_arrays(image[np.newaxis])[0].label == prediction.label
    assert classifier.predict_arrays(images[:0]) == []


def test_a_image_may_be_a_path_bytes_an_image_or_an_array_and_one_or_many(classifier, tmp_path):
    path = tmp_path / "left.png"
    Image.fromarray(LEFT).save(path)
    content = path.read_bytes()
    with path.open("rb") as stream:
        files = [stream, io.BytesIO(content)]
        forms = [path, str(path), content, bytearray(content), *files, Image.open(path), LEFT]
        predictions = classifier.predict(forms)
    assert len(predictions) == len(forms)
    assert set(map(repr, predictions)) == {repr(predictions[0])}
    assert classifier.predict(path) == classifier.predict(iter([path])) == predictions[:1]
    assert classifier.predict(io.BytesIO(content)) == predictions[:1]
    assert classifier.predict(bytearray(content)) == predictions[:1]
    assert classifier.predict([]) == []


def test_a_image_that_shows_nothing_is_named(classifier, tmp_path):
    Image.new("L", (50, 50)).save(tmp_path / "blank.png")
    with pytest.raises(ImageError, match=r"blank\.png: nothing on a plain background"):
        classifier.predict(tmp_path / "blank.png")
    with pytest.raises(FashionError, match=r"^nothing on a plain background"):
        classifier.predict(np.zeros((50, 50), np.uint8))


@pytest.mark.parametrize("other", [3, None, [3], [[0]], io.StringIO("left.png\n")])
def test_what_is_no_image_is_refused_by_what_is_taken(classifier, other):
    expected = "expected a path, bytes, a binary file object, a Pillow image or an array, received "
    with pytest.raises(ImageError, match=expected + r"(int|NoneType|list|StringIO)$"):
        classifier.predict(other)


def test_a_file_object_that_cannot_be_read_is_refused(classifier, tmp_path):
    with (tmp_path / "a.png").open("wb") as stream, pytest.raises(ImageError):
        classifier.predict(stream)
    with (tmp_path / "a.png").open("rb") as stream:
        pass
    with pytest.raises(ImageError, match="closed file"):
        classifier.predict(stream)


@pytest.mark.parametrize(
    ("images", "received"),
    [
        (LEFT, r"uint8 \[8, 6\]"),
        (LEFT[np.newaxis].astype(float), "float64"),
        (np.zeros((1, 28, 28), np.uint8), r"uint8 \[1, 28, 28\]"),
        ([[0]], "list"),
        (None, "NoneType"),
    ],
)
def test_arrays_of_another_shape_or_type_are_refused(classifier, images, received):
    expected = r"expected an array, uint8 \[count, 8, 6\], received "
    with pytest.raises(ImageError, match=expected + received):
        classifier.predict_arrays(images)


def test_a_missing_model_is_named_with_what_writes_it(tmp_path):
    writes = r"; `make repro` writes models/NETWORK.onnx, `make champion` that of a champion$"
    for name, found in {"cnn.onnx": "no file", "": "a folder", "n" * 300: "no file"}.items():
        with pytest.raises(ModelError, match=f"expected an exported model, found {found}{writes}"):
            Classifier.load(tmp_path / name)


def test_a_file_that_is_no_model_is_refused(tmp_path, capfd):
    (tmp_path / "cnn.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="expected an ONNX model") as error:
        Classifier.load(tmp_path / "cnn.onnx")
    assert error.value.exit_code == 2
    assert capfd.readouterr() == ("", "")  # of onnxruntime itself


@pytest.mark.parametrize(
    "metadata", [{}, METADATA | {"classes": "left, right"}, METADATA | {"image_shape": "28"}]
)
def test_a_model_of_another_project_is_refused(tmp_path, metadata):
    onnx.save(halves(metadata), tmp_path / "other.onnx")
    with pytest.raises(ModelError, match="expected the metadata of an exported network"):
        Classifier.load(tmp_path / "other.onnx")


def test_the_model_of_a_checkout_is_that_of_its_models():
    assert SHIPPED == ROOT / "models/cnn.onnx"


@pytest.mark.parametrize("module", [finding, preprocessing, images])
def test_examples_in_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.skipif(not SHIPPED.exists(), reason="models/cnn.onnx is not exported")
def test_examples_in_docstrings_of_the_classifier_are_true(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(classifier).failed == 0


@pytest.mark.skipif(not SHIPPED.exists(), reason="models/cnn.onnx is not exported")
def test_the_shipped_model_answers_the_shipped_examples():
    """What examples/README.md shows, by the names of the files."""
    network = Classifier.load()
    paths = sorted(path for path in (ROOT / "examples").iterdir() if path.suffix in SUFFIXES)
    predictions = dict(zip((p.stem for p in paths), network.predict(paths), strict=True))
    assert {stem: prediction.label for stem, prediction in predictions.items()} == {
        "ankle-boot": "Ankle boot",
        "bag-transparent": "Bag",
        "sneaker": "Sneaker",
        "star": "none of the classes",
        "trouser-dark": "Trouser",
    }
    assert json.loads(network.metadata["metrics"]) == network.metrics
