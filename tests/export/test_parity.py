import numpy as np
import pytest

from fashion.export import parity
from fashion.inference_model import ExportError
from tests.export.conftest import IMAGES, LABELS


@pytest.fixture
def compared(model, exported):
    """The comparison with what Keras says, changed by the function that is given."""
    expected = model.predict(IMAGES, verbose=0)
    return lambda suffix, change=lambda probabilities: probabilities: parity.compare(
        {suffix: exported[1][suffix]}, IMAGES, LABELS, change(expected.copy()), threads=1
    )


def test_a_row_has_size_difference_and_accuracy(model, exported, compared):
    row = compared("float16.tflite")["float16.tflite"]
    assert list(row) == ["bytes", "max_abs_diff", "accuracy"]
    assert row["bytes"] == len(exported[1]["float16.tflite"])
    assert 0 < row["max_abs_diff"] < 0.01
    assert row["max_abs_diff"] == float(f"{row['max_abs_diff']:.1e}")
    right = model.predict(IMAGES, verbose=0).argmax(axis=1) == LABELS
    assert row["accuracy"] == pytest.approx(right.mean(), abs=0.02)


@pytest.mark.parametrize(
    ("suffix", "off"), [("onnx", 2e-5), ("tflite", 2e-5), ("float16.tflite", 0.02)]
)
def test_one_probability_that_differs_is_refused(compared, suffix, off):
    def change(probabilities):
        probabilities[3, 1] += off
        return probabilities

    compared(suffix)
    with pytest.raises(ExportError, match=rf"{suffix}: expected probabilities within") as error:
        compared(suffix, change)
    assert len(str(error.value).splitlines()) == 1


def test_int8_that_is_right_less_often_is_refused(compared):
    one_hot = np.eye(LABELS.max() + 1, dtype=np.float32)[LABELS]
    compared("int8.tflite")
    with pytest.raises(ExportError, match=r"int8.tflite: expected an accuracy of \S+ at least"):
        compared("int8.tflite", lambda _: one_hot)


def test_int8_may_be_right_more_often(compared):
    wrong = np.eye(LABELS.max() + 1, dtype=np.float32)[(LABELS + 1) % (LABELS.max() + 1)]
    assert compared("int8.tflite", lambda _: wrong)["int8.tflite"]["accuracy"] > 0


def test_the_runtimes_say_nothing(exported, capfd):
    for suffix, content in exported[1].items():
        (parity.run_onnx if suffix == "onnx" else parity.run_litert)(content, IMAGES[:2], 1)
    assert capfd.readouterr() == ("", "")


def make_inference_model(monkeypatch, suffix, probabilities):
    """A format of `suffix` that predictions `probabilities` in its runtime."""
    name = "run_onnx" if suffix == "onnx" else "run_litert"
    monkeypatch.setattr(parity, name, lambda *_: {"probabilities": np.asarray(probabilities)})
    return {suffix: b"content"}


@pytest.mark.parametrize(
    ("suffix", "difference", "told"),
    [
        ("onnx", 1.04e-5, 1e-5),
        ("onnx", 1.06e-5, None),
        ("tflite", 1.04e-5, 1e-5),
        ("tflite", 1.06e-5, None),
        ("float16.tflite", 0.01004, 0.01),
        ("float16.tflite", 0.0106, None),
        ("int8.tflite", 0.4449, 0.44),
        ("int8.tflite", 0.4451, 0.45),
    ],
)
def test_a_difference_has_two_digits_and_is_at_most_the_tolerance(
    monkeypatch, suffix, difference, told
):
    expected = np.array([[1.0, 0.0], [0.5, 0.5]])
    formats = make_inference_model(
        monkeypatch, suffix, expected - [[difference, -difference], [0, 0]]
    )
    labels = np.zeros(2, np.uint8)
    if told is None:
        with pytest.raises(
            ExportError, match=rf"{suffix}: .*found a difference of (1\.1e-05|0\.011);"
        ):
            parity.compare(formats, IMAGES, labels, expected, threads=1)
    else:
        [(_, row)] = parity.compare(formats, IMAGES, labels, expected, threads=1).items()
        assert row == {"bytes": 7, "max_abs_diff": told, "accuracy": 1.0}


@pytest.mark.parametrize(
    ("count", "wrong", "right", "least"),
    [
        (100, 4, 0, None),  # two standard deviations of four that changed: four
        (100, 5, 0, "0.9553"),
        (10_000, 100, 0, None),  # one in a hundred
        (10_000, 101, 0, "0.9900"),
        (900, 13, 4, None),  # of 17 that changed, 9 fewer are right; one in a hundred
        (900, 14, 4, "0.9856"),  # 0.995556 - 0.01
        (100, 9, 1, "0.9268"),  # 0.99 less two standard deviations of ten
        (3, 1, 0, None),
    ],
)
def test_int8_may_be_wrong_by_one_in_a_hundred_or_by_chance(
    monkeypatch, count, wrong, right, least
):
    """`wrong` predictions are no longer right, and `right` ones now are."""
    labels = np.zeros(count, np.uint8)
    expected, found = np.eye(2)[labels], np.eye(2)[labels]
    expected[:right], found[right : right + wrong] = [0, 1], [0, 1]
    formats = make_inference_model(monkeypatch, "int8.tflite", found)
    if least:
        with pytest.raises(ExportError, match=f"expected an accuracy of {least} at least"):
            parity.compare(formats, IMAGES, labels, expected, threads=1)
    else:
        [(_, row)] = parity.compare(formats, IMAGES, labels, expected, threads=1).items()
        assert row["accuracy"] == round(1 - wrong / count, 6)


@pytest.mark.parametrize("suffix", ["onnx", "tflite"])
def test_batches_are_joined_in_order(exported, monkeypatch, suffix):
    run = parity.run_onnx if suffix == "onnx" else parity.run_litert
    whole = run(exported[1][suffix], IMAGES[:9], threads=1)
    monkeypatch.setattr(parity, "BATCH", 4)
    parts = run(exported[1][suffix], IMAGES[:9], threads=1)
    assert list(parts) == list(whole)
    for name, values in whole.items():
        np.testing.assert_allclose(parts[name], values, atol=1e-5)


def test_a_format_that_does_not_run_is_refused_with_what_to_do(monkeypatch):
    def broken(**_):
        raise RuntimeError("failed to prepare")

    monkeypatch.setattr(parity, "Interpreter", broken)
    message = "LiteRT cannot run the model: failed to prepare; .* train it for longer"
    with pytest.raises(ExportError, match=message):
        parity.run_litert(b"", IMAGES, threads=1)
