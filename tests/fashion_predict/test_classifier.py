import doctest
import io

import numpy as np
import pytest
from PIL import Image

from fashion_predict import Classifier, ImageError, ModelError, classifier, find_images
from fashion_predict.images import fashion_mnist, reading, resizing
from tests.conftest import ROOT
from tests.fashion_predict.conftest import EVEN, LEFT, METADATA, SHAPE, save_halves


def test_metadata_become_attributes(classifier):
    assert (classifier.name, classifier.dataset) == ("halves", "Halves")
    assert (classifier.classes, classifier.image_shape) == (["left", "right"], SHAPE)
    assert (classifier.ood_threshold, classifier.min_confidence) == (0.9, 0.6)
    assert classifier.target_fpr == 0.01
    assert classifier.metadata == METADATA


def test_a_prediction_has_the_probability_of_each_class_highest_first(classifier):
    left, right, even = classifier.predict_arrays(np.stack([LEFT, LEFT[:, ::-1], EVEN]))
    odds = np.exp(8 * 200 / 255)
    assert (left.label, left.top1, left.top2) == ("left", "left", "right")
    assert left.probabilities["left"] == pytest.approx(odds / (odds + 1))
    assert left.ood_score == pytest.approx(100 / 255)
    assert list(right.probabilities) == ["right", "left"]
    assert list(even.probabilities) == ["left", "right"]  # equal ones in the order of labels


@pytest.mark.parametrize(
    ("ood_factor", "confidence_factor", "flags", "label"),
    [
        (1, 1, (False, False), "left"),
        (1 - 1e-6, 1, (True, False), None),
        (1, 1 + 1e-6, (False, True), None),
    ],
)
def test_an_image_beyond_a_threshold_has_no_label(
    classifier, tmp_path, ood_factor, confidence_factor, flags, label
):
    [prediction] = classifier.predict_arrays(LEFT[np.newaxis])
    thresholds = {
        "ood_threshold": repr(prediction.ood_score * ood_factor),
        "min_confidence": repr(prediction.probabilities["left"] * confidence_factor),
    }
    changed = Classifier.load(save_halves(tmp_path / "x.onnx", **thresholds))
    [prediction] = changed.predict_arrays(LEFT[np.newaxis])
    assert (prediction.is_ood, prediction.is_uncertain) == flags
    assert (prediction.label, prediction.top1) == (label, "left")


@pytest.mark.parametrize("count", [0, 1, 4, 5, 9])
def test_batches_keep_the_order(monkeypatch, classifier, count):
    monkeypatch.setattr("fashion_predict.classifier.BATCH_SIZE", 4)
    images = np.random.default_rng(0).integers(0, 200, (count, *SHAPE), dtype=np.uint8)
    scores = [prediction.ood_score for prediction in classifier.predict_arrays(images)]
    assert scores == pytest.approx(images.mean((1, 2)) / 255)


def test_predict_takes_one_image_or_several_of_any_type(classifier, images):
    path = images / "left.png"
    content = path.read_bytes()
    types = [path, str(path), content, bytearray(content), Image.open(path), LEFT]
    with path.open("rb") as stream:
        predictions = classifier.predict([*types, stream, io.BytesIO(content)])
    assert len(predictions) == 8
    assert set(map(repr, predictions)) == {repr(predictions[0])}
    for one in (*types, io.BytesIO(content), iter([path])):
        assert classifier.predict(one) == predictions[:1]
    assert classifier.predict([]) == []


def test_errors_name_the_file(classifier, tmp_path):
    Image.new("L", (50, 50)).save(tmp_path / "blank.png")
    with pytest.raises(ImageError, match=r"blank\.png: nothing on a plain background") as error:
        classifier.predict(tmp_path / "blank.png")
    assert error.value.reason.startswith("nothing on")


@pytest.mark.parametrize("other", [3, [None], io.StringIO("left.png\n")])
def test_other_types_are_refused(classifier, other):
    expected = "expected a path, bytes, a binary file object, a Pillow image or an array, received "
    with pytest.raises(ImageError, match=expected + r"(int|NoneType|StringIO)$"):
        classifier.predict(other)


@pytest.mark.parametrize(
    ("images", "found"),
    [
        (LEFT, r"uint8 \[8, 6\]"),
        (LEFT[np.newaxis].astype(float), "float64"),
        ([[0]], "list"),
    ],
)
def test_other_arrays_are_refused(classifier, images, found):
    expected = r"expected a uint8 array \[count, 8, 6\], found "
    with pytest.raises(ImageError, match=expected + found):
        classifier.predict_arrays(images)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.onnx", "expected an exported model, found no file; known names are "),
        ("n" * 300, "expected an exported model, found no file; known names are "),
        ("", "expected an exported model, found no file; known names are "),
        ("text.onnx", "expected an ONNX model"),
        ("classes.onnx", "expected the metadata of an exported network"),
        ("preprocessing.onnx", "expected the metadata of an exported network"),
    ],
)
def test_files_that_are_not_a_model(tmp_path, capfd, name, message):
    (tmp_path / "text.onnx").write_bytes(b"not a model")
    save_halves(tmp_path / "classes.onnx", classes="left, right")
    save_halves(tmp_path / "preprocessing.onnx", preprocessing="other")
    with pytest.raises(ModelError, match=message):
        Classifier.load(tmp_path / name)
    assert capfd.readouterr() == ("", "")  # onnxruntime would print its error as well


@pytest.mark.parametrize("module", [find_images, fashion_mnist, resizing, reading, classifier])
def test_docstring_examples(monkeypatch, request, module):
    if module is classifier:
        request.getfixturevalue("fashion_mnist")  # its examples use the model of the checkout
    monkeypatch.chdir(ROOT)
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
