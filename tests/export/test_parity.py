import numpy as np
import pytest

from fashion.export import parity
from fashion.export.answers import ExportError
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
    assert list(row) == ["bytes", "largest_difference", "accuracy"]
    assert row["bytes"] == len(exported[1]["float16.tflite"])
    assert 0 < row["largest_difference"] < 0.01
    assert row["largest_difference"] == float(f"{row['largest_difference']:.1e}")
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
