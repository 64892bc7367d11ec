import numpy as np
import pytest

from fashion.export import parity
from fashion.export.errors import ExportError
from fashion.io.labeled_images import LabeledImages
from tests.export.conftest import DATA, IMAGES


def compare(files, suffix, expected):
    wanted = {name: expected[name] for name in ("probabilities", "ood_score")}
    return parity.compare({suffix: files[suffix]}, DATA, DATA, wanted, threads=1)[suffix]


def test_a_row_has_size_tolerance_and_accuracy(files, expected):
    row = compare(files, "tflite", expected)
    assert list(row) == ["bytes", "tolerance", "accuracy"]
    assert row["bytes"] == len(files["tflite"])
    assert row["tolerance"] == 1e-5
    accuracy = (expected["probabilities"].argmax(axis=1) == DATA.labels).mean()
    assert row["accuracy"] == pytest.approx(accuracy, abs=0.02)


@pytest.mark.parametrize(
    ("suffix", "output", "error"),
    [
        ("onnx", "probabilities", 2e-5),
        ("onnx", "ood_score", 0.01),
        ("tflite", "probabilities", 2e-5),
    ],
)
def test_one_value_that_differs_is_refused(files, expected, suffix, output, error):
    compare(files, suffix, expected)
    changed = {name: values.copy() for name, values in expected.items()}
    changed[output][3] += error
    with pytest.raises(ExportError, match=rf"{suffix}: expected {output} within"):
        compare(files, suffix, changed)


def fake(monkeypatch, probabilities, suffix="int8.tflite"):
    """A LiteRT file that predicts `probabilities`."""
    monkeypatch.setattr(parity, "run_litert", lambda *_: {"probabilities": probabilities})
    return {suffix: b"content"}


@pytest.mark.parametrize(
    ("suffix", "count", "lost", "gained", "lowest"),
    [
        ("int8.tflite", 100, 4, 0, None),  # two standard deviations of four changes are four
        ("int8.tflite", 100, 5, 0, "0.9553"),
        ("int8.tflite", 10_000, 100, 0, None),  # one in a hundred
        ("int8.tflite", 10_000, 101, 0, "0.9900"),
        ("int8.tflite", 900, 14, 4, "0.9856"),  # 0.9956 - 0.01
        ("int8.tflite", 100, 9, 1, "0.9268"),  # 0.99 less two standard deviations of ten
        ("float16.tflite", 100_000, 300, 0, None),
        ("float16.tflite", 100_000, 301, 0, "0.9970"),
    ],
)
def test_a_small_format_may_lose_little_or_what_chance_explains(
    monkeypatch, suffix, count, lost, gained, lowest
):
    labels = np.zeros(count, np.uint8)
    expected, found = np.eye(2)[labels], np.eye(2)[labels]
    expected[:gained], found[gained : gained + lost] = [0, 1], [0, 1]
    data = LabeledImages(np.zeros((count, 2, 2), np.uint8), labels)
    arguments = fake(monkeypatch, found, suffix), data, data, {"probabilities": expected}, 1
    if lowest is None:
        assert parity.compare(*arguments)[suffix]["accuracy"] == 1 - lost / count
    else:
        with pytest.raises(ExportError, match=f"at least {lowest} on the validation images"):
            parity.compare(*arguments)


def test_only_validation_images_decide(monkeypatch):
    """A bad accuracy on the test images is reported, and nothing is refused or tuned by it."""
    validation, test = (
        LabeledImages(np.zeros((10, 2, 2), np.uint8), np.full(10, label, np.uint8))
        for label in (0, 1)
    )
    predicted = np.eye(2)[np.zeros(10, int)]
    files = fake(monkeypatch, predicted)
    rows = parity.compare(files, validation, test, {"probabilities": predicted}, 1)
    assert rows["int8.tflite"]["accuracy"] == 0


@pytest.mark.parametrize("suffix", ["onnx", "tflite"])
def test_batches_are_joined_in_order_and_nothing_is_printed(files, monkeypatch, suffix, capfd):
    run = parity.run_onnx if suffix == "onnx" else parity.run_litert
    at_once = run(files[suffix], IMAGES[:9], threads=1)
    monkeypatch.setattr("fashion.io.batching.MAX_PIXELS", 4 * 28 * 28)
    for name, values in run(files[suffix], IMAGES[:9], threads=1).items():
        np.testing.assert_allclose(values, at_once[name], atol=1e-5)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_does_not_run_is_refused(monkeypatch):
    def broken(**_):
        raise RuntimeError("failed to prepare")

    monkeypatch.setattr(parity, "Interpreter", broken)
    message = "LiteRT cannot run the model: failed to prepare; .* train it for longer"
    with pytest.raises(ExportError, match=message):
        parity.run_litert(b"", IMAGES, threads=1)
