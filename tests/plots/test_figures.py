from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from fashion.evaluation.calibration import reliability
from fashion.evaluation.metrics import per_class
from fashion.files import write_figure
from fashion.plots import curves, pictures, scores
from fashion.plots.style import caption, drawable, greys_of

CLASS_NAMES = [f"class {n}/top" for n in range(9)] + ["Bag"]
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 28, 28), dtype=np.uint8)
LABELS = np.repeat(np.arange(10), 4)
PROBABILITIES = RNG.dirichlet(np.ones(10), 40) * 0.5 + np.eye(10)[LABELS] * 0.5
PREDICTED = PROBABILITIES.argmax(axis=1)
MATRIX = np.bincount(LABELS * 10 + PREDICTED, minlength=100).reshape(10, 10)
NAMES = np.array(CLASS_NAMES)
PREDICTIONS = pd.DataFrame(
    {
        "actual": NAMES[LABELS],
        "predicted": NAMES[PREDICTED],
        "confidence": PROBABILITIES.max(axis=1),
    }
)
HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [3.0, 2.0, 1.0],
        "val_loss": [2.5, 1.5, 1.2],
        "accuracy": [0.3, 0.5, 0.8],
        "val_accuracy": [0.35, 0.55, 0.7],
    }
)


MANY_NAMES = [f"the class of number {n}, $ or {chr(0x0411 + n % 30)}" for n in range(200)]
MANY = 9 * np.eye(200, dtype=int) + np.eye(200, k=70, dtype=int)
COLOUR = RNG.integers(0, 256, (2, 3, 20, 30, 3), dtype=np.uint8)


@cache
def drawn():
    return draw_all()


def draw_all():
    bins = reliability(PROBABILITIES, LABELS, bins=5)
    classes = per_class(PREDICTED, LABELS, CLASS_NAMES)
    many = classes.iloc[np.arange(200) % 10].assign(**{"class": MANY_NAMES})
    long = ["a name of far too many letters to stand", "above a small image of 30 by 20 pixels"]
    return {
        "curves": curves.curves(HISTORY, "net"),
        "confusion": scores.confusion(MATRIX, CLASS_NAMES, "net", normalized=False),
        "confusion_normalized": scores.confusion(MATRIX, CLASS_NAMES, "net", normalized=True),
        "class_scores": scores.class_scores(classes, "net"),
        "reliability": scores.reliability(bins, 0.1, "net"),
        "mistakes": pictures.mistakes(IMAGES[:7], PREDICTIONS[:7], "net", "gray"),
        "no mistakes": pictures.mistakes(IMAGES[:0], PREDICTIONS[:0], "net", "gray"),
        "examples": draw_examples(PREDICTED.reshape(10, 4)),
        "confusion of many": scores.confusion(MANY, MANY_NAMES, "net", normalized=False),
        "normalized of many": scores.confusion(MANY, MANY_NAMES, "net", normalized=True),
        "scores of many": scores.class_scores(many, "net"),
        "examples of two": pictures.examples(
            [COLOUR[0], COLOUR[1, :1]],
            [[*long, long[1]], long[:1]],
            long,
            "net",
            classes=200,
            greys="gray",
        ),
        "mistakes with long names": pictures.mistakes(
            COLOUR[0], PREDICTIONS[:3].assign(actual=long[0], predicted=long[1]), "net", "gray"
        ),
    }


def draw_examples(predicted):
    """Four images of each class, predicted as the labels `predicted` say."""
    names = [NAMES[row].tolist() for row in predicted]
    return pictures.examples(
        IMAGES.reshape(10, 4, 28, 28), names, CLASS_NAMES, "net", classes=10, greys="gray"
    )


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def test_equal_data_give_equal_bytes_without_the_name_of_the_program(tmp_path):
    for once, again in zip(drawn().items(), draw_all().items(), strict=True):
        contents = []
        for _, figure in (once, again):
            write_figure(tmp_path / "x.png", figure, dpi=30)
            contents.append((tmp_path / "x.png").read_bytes())
        assert contents[0] == contents[1], once[0]
        assert b"atplotlib" not in contents[0]


def test_a_history_of_one_epoch_is_drawn():
    assert len(curves.curves(HISTORY[:1], "net").axes) == 2


def test_curves_show_the_history():
    loss, accuracy = curves.curves(HISTORY, "net").axes
    labels = [line.get_label() for line in loss.lines]
    assert labels == ["training images as selected and augmented", "validation"]
    np.testing.assert_array_equal(loss.lines[1].get_ydata(), HISTORY["val_loss"])
    np.testing.assert_array_equal(accuracy.lines[0].get_ydata(), HISTORY["accuracy"])


def test_class_scores_stand_at_their_values_worst_on_top():
    table = pd.DataFrame(
        {
            "class": ["Bag", "Coat"],
            "precision": [0.9, 0.5],
            "recall": [0.8, 0.7],
            "f1": [0.85, 0.6],
        }
    )
    axes = scores.class_scores(table, "net").axes[0]
    places = {points.get_label(): points.get_offsets().tolist() for points in axes.collections[1:]}
    assert places == {
        "precision": [[0.9, 0], [0.5, 1]],
        "recall": [[0.8, 0], [0.7, 1]],
        "F1": [[0.85, 0], [0.6, 1]],
    }
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Bag   0.850", "Coat   0.600"]
    assert axes.get_ylim()[0] < axes.get_ylim()[1]


def test_reliability_has_confidence_across_and_accuracy_up():
    table = reliability(np.array([[0.9, 0.1], [0.7, 0.3]]), np.array([0, 1]), bins=4)
    line = scores.reliability(table, 0.1, "net").axes[0].lines[1]
    assert line.get_xdata().tolist() == pytest.approx([0.7, 0.9])
    assert line.get_ydata().tolist() == [0, 1]


def test_confusion_cells_hold_counts_or_percentages_with_true_classes_in_rows():
    matrix = np.array([[3, 1], [0, 5]])
    counts = texts(scores.confusion(matrix, ["cat", "dog"], "net", normalized=False))
    percentages = texts(scores.confusion(matrix, ["cat", "dog"], "net", normalized=True))
    assert {"3", "1", "5"} <= set(counts)
    assert {"75.0", "25.0", "100.0"} <= set(percentages)
    assert "0" not in counts


def test_every_mistake_is_captioned_with_both_names():
    found = texts(pictures.mistakes(IMAGES[:1], PREDICTIONS[:1], "net", "gray"))
    row = PREDICTIONS.iloc[0]
    expected = f"{row['actual']}, taken for\n{row['predicted']} ({row['confidence']:.1%})"
    assert expected in found


def test_wrong_examples_and_no_others_carry_a_name():
    predicted = LABELS.reshape(10, 4).copy()
    predicted[1, 1] = 9
    named = [
        (place, text.get_text())
        for place, axes in enumerate(draw_examples(predicted).axes)
        for text in axes.texts
    ]
    assert named == [(9, "Bag")]  # the second of the second row of eight


def test_of_many_classes_those_are_numbered_that_are_confused_and_beside_each_other():
    matrix = 30 * np.eye(200, dtype=int)
    matrix[7, 190], matrix[190, 7], matrix[3, 50] = 2, 4, 5
    assert scores.most_confused(matrix, 4) == [7, 190, 3, 50]
    figure = scores.confusion(matrix, MANY_NAMES, "net", normalized=False)
    assert {"2", "4", "5", "30"} <= set(texts(figure))
    assert "the 20 most confused of 200 classes" in figure.axes[0].get_title()


def test_of_many_classes_the_worst_are_shown_and_the_figure_says_so():
    table = pd.DataFrame({"class": MANY_NAMES, "precision": 1.0, "recall": 1.0, "f1": 1.0})
    table.loc[150, "f1"] = 0.5
    axes = scores.class_scores(table, "net").axes[0]
    assert len(axes.get_yticklabels()) == 40
    assert axes.get_yticklabels()[-1].get_text().endswith("0.500")
    assert axes.get_title().endswith("(the 40 worst of 200)")


def test_greyscale_pictures_are_shown_as_taken():
    shown = {kind: greys_of(kind) for kind in ("published", "crop", "pad")}
    assert shown == {"published": "gray_r", "crop": "gray", "pad": "gray"}
    axes = pictures.mistakes(IMAGES[:1], PREDICTIONS[:1], "net", "gray").axes[0]
    assert axes.images[0].get_cmap().name == "gray"


def test_a_name_that_the_font_lacks_letters_for_is_shown_as_its_label():
    names = ["Ürün", "靴", "Кроссовки", "Παπούτσι", "حذاء"]
    assert drawable(names) == {name: name for name in names} | {"靴": "label 1"}


def test_a_label_instead_of_a_name_is_not_the_name_of_another_class():
    assert drawable(["靴", "label 0"]) == {"靴": "(label 0)", "label 0": "label 0"}


def test_a_caption_keeps_both_ends_of_a_long_name_and_is_no_formula():
    assert caption("T-shirt/top", 11) == "T-shirt/top"
    assert caption("a shoe of the left foot", 11) == "a sho… foot"
    figure = Figure()
    figure.text(0, 0, caption("$5 and $x^{"))
    figure.draw_without_rendering()


@pytest.mark.parametrize("name", list(drawn()))
def test_no_two_texts_of_a_figure_overlap(name):
    figure = drawn()[name]
    figure.draw_without_rendering()
    seen = [text for text in set(figure.findobj(Text)) - off_the_axes(figure) if is_level(text)]
    for one, other in combinations(seen, 2):
        boxes = [text.get_window_extent().padded(-1) for text in (one, other)]
        assert not boxes[0].overlaps(boxes[1]), (one, other)


def off_the_axes(figure):
    """Labels of ticks that lie outside the view, which are never drawn."""
    axes = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    return {
        label
        for axis in axes
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }


def is_level(text):
    return text.get_text() and text.get_visible() and text.get_rotation() % 90 == 0
