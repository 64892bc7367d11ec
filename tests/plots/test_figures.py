"""Figures show the values they are given, and stay readable with many classes and long names."""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from fashion.evaluation.metrics import per_class
from fashion.evaluation.reliability import reliability
from fashion.io.files import write_figure
from fashion.plots import curves, galleries, scores
from fashion.plots.style import RED, caption, safe_labels

RNG = np.random.default_rng(0)
CLASS_NAMES = [f"class {n}/top" for n in range(9)] + ["Bag"]
NAMES = np.array(CLASS_NAMES)
IMAGES = RNG.integers(0, 256, (40, 28, 28), dtype=np.uint8)
LABELS = np.repeat(np.arange(10), 4)
PROBABILITIES = RNG.dirichlet(np.ones(10), 40) * 0.5 + np.eye(10)[LABELS] * 0.5
PREDICTED = PROBABILITIES.argmax(axis=1)
MATRIX = np.bincount(LABELS * 10 + PREDICTED, minlength=100).reshape(10, 10)
PREDICTIONS = pd.DataFrame(
    {
        "actual": NAMES[LABELS],
        "predicted": NAMES[PREDICTED],
        "confidence": PROBABILITIES.max(axis=1),
    }
)
HISTORY = pd.DataFrame({"epoch": range(1, 11), "loss": [9.0, 8, 5, 4, 3, 3, 3, 2, 2, 1]}).assign(
    val_loss=2.0,
    accuracy=0.5,
    val_accuracy=[*[0.1] * 2, *[0.7] * 8],
    image_height=[20] * 4 + [28] * 6,
    image_width=[20] * 4 + [28] * 6,
)
MANY_NAMES = [f"the class of number {n}, $ or {chr(0x0411 + n % 30)}" for n in range(200)]
MANY = 9 * np.eye(200, dtype=int) + np.eye(200, k=70, dtype=int)
COLOUR = RNG.integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)


def draw_examples(predicted):
    """Four images of each class, with `predicted` labels."""
    names = [NAMES[row].tolist() for row in predicted]
    return galleries.examples(
        IMAGES.reshape(10, 4, 28, 28), names, CLASS_NAMES, "net", classes=10, cmap="gray"
    )


def draw_all():
    bins = reliability(PROBABILITIES, LABELS, bins=5)
    classes = per_class(np.eye(10)[PREDICTED], LABELS, CLASS_NAMES)
    many = classes.iloc[np.arange(200) % 10].assign(**{"class": MANY_NAMES})
    long = ["a name of far too many letters to stand", "above a small image of 30 by 20 pixels"]
    long_names = PREDICTIONS[:3].assign(actual=long[0], predicted=long[1])
    return {
        "curves": curves.curves(HISTORY, "net"),
        "one epoch": curves.curves(HISTORY[:1], "net"),
        "confusion": scores.confusion(MATRIX, CLASS_NAMES, "net", normalized=False),
        "confusion of many": scores.confusion(MANY, MANY_NAMES, "net", normalized=False),
        "normalized of many": scores.confusion(MANY, MANY_NAMES, "net", normalized=True),
        "class scores": scores.class_scores(classes, "net"),
        "scores of many": scores.class_scores(many, "net"),
        "reliability": scores.reliability(bins, 0.1, "net"),
        "mistakes": galleries.gallery(IMAGES[:7], PREDICTIONS[:7], "mistakes", "gray"),
        "no mistakes": galleries.gallery(IMAGES[:0], PREDICTIONS[:0], "mistakes", "gray"),
        "long names": galleries.gallery(COLOUR, long_names, "mistakes", "gray"),
        "examples": draw_examples(PREDICTED.reshape(10, 4)),
    }


@cache
def drawn():
    return draw_all()


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def test_equal_data_give_equal_bytes_without_the_name_of_the_program(tmp_path):
    for (name, first), second in zip(drawn().items(), draw_all().values(), strict=True):
        contents = []
        for figure in (first, second):
            write_figure(tmp_path / "x.png", figure, dpi=30)
            contents.append((tmp_path / "x.png").read_bytes())
        assert contents[0] == contents[1], name
        assert b"atplotlib" not in contents[0]


@pytest.mark.parametrize("name", drawn())
def test_no_two_texts_of_a_figure_overlap(name):
    figure = drawn()[name]
    figure.draw_without_rendering()
    visible = [text for text in set(figure.findobj(Text)) - off_the_axes(figure) if is_level(text)]
    for first, second in combinations(visible, 2):
        boxes = [text.get_window_extent().padded(-1) for text in (first, second)]
        assert not boxes[0].overlaps(boxes[1]), (first, second)


def off_the_axes(figure):
    """Labels of ticks outside the view, which are never drawn."""
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


def test_curves_show_the_history_and_the_epochs_with_small_images():
    loss, accuracy = curves.curves(HISTORY, "net").axes
    for axes, metric in ((loss, "loss"), (accuracy, "accuracy")):
        training, validation = axes.lines
        assert training.get_ydata().tolist() == HISTORY[metric].tolist()
        assert validation.get_ydata().tolist() == HISTORY[f"val_{metric}"].tolist()
        [shaded] = axes.patches
        assert (shaded.get_x(), shaded.get_x() + shaded.get_width()) == (0.5, 4.5)
        assert [text.get_text() for text in axes.texts] == ["20x20 pixels"]
    of_one_size = HISTORY.assign(image_height=28, image_width=28)
    assert not [*curves.curves(of_one_size, "net").axes[0].patches]


def test_class_scores_are_drawn_at_their_values_with_the_worst_on_top():
    table = {"precision": [0.9, 0.5], "recall": [0.8, 0.7], "f1": [0.85, 0.6]}
    axes = scores.class_scores(pd.DataFrame({"class": ["Bag", "Coat"], **table}), "net").axes[0]
    points = {points.get_label(): points.get_offsets().tolist() for points in axes.collections[1:]}
    assert points == {
        "precision": [[0.9, 0], [0.5, 1]],
        "recall": [[0.8, 0], [0.7, 1]],
        "F1": [[0.85, 0], [0.6, 1]],
    }
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Bag   0.850", "Coat   0.600"]


def test_reliability_has_a_bar_for_each_bin_and_a_point_for_each_that_is_not_empty():
    table = pd.DataFrame({"low": [0.0, 0.25, 0.5], "high": [0.25, 0.5, 1.0], "count": [0, 1, 30]})
    table = table.assign(confidence=[np.nan, 0.4, 0.8], accuracy=[np.nan, 0.0, 0.9])
    upper, lower = scores.reliability(table, 0.1234, "net").axes
    assert upper.get_title() == "net: reliability (expected calibration error 0.123)"
    assert upper.lines[1].get_xydata().tolist() == [[0.4, 0.0], [0.8, 0.9]]
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in lower.patches]
    assert np.ravel(bars).tolist() == pytest.approx(
        [0.0125, 0.225, 0, 0.2625, 0.225, 1, 0.525, 0.45, 30]
    )


@pytest.mark.parametrize(
    ("normalized", "texts"),
    [(False, ["56", "44", "55", "45"]), (True, ["56.0", "44.0", "55.0", "45.0"])],
)
def test_confusion_cells_have_numbers_with_true_classes_in_rows(normalized, texts):
    matrix, names = np.array([[56, 44, 0], [55, 45, 0], [0, 0, 0]]), ["cat", "dog", "no animal"]
    axes = scores.confusion(matrix, names, "net", normalized=normalized).axes[0]
    cells = {text.get_position()[::-1]: text for text in axes.texts}
    assert {cell: text.get_text() for cell, text in cells.items()} == dict(
        zip([(0, 0), (0, 1), (1, 0), (1, 1)], texts, strict=True)
    )
    assert [text.get_color() for text in cells.values()] == ["white", "black", "black", "black"]
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [label.get_text() for label in labels] == names
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")


@pytest.mark.parametrize(("count", "rows"), [(0, 1), (6, 1), (7, 2)])
def test_a_gallery_has_six_images_in_a_row(count, rows):
    figure = galleries.gallery(IMAGES[:count], PREDICTIONS[:count], "mistakes", "gray_r")
    assert [len(axes.images) for axes in figure.axes] == [1] * count + [0] * (6 * rows - count)
    for axes, image in zip(figure.axes, IMAGES[:count], strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray_r"


def test_examples_are_in_the_row_of_their_class_and_mistakes_are_framed_and_named():
    predicted = LABELS.reshape(10, 4).copy()
    predicted[1, 2] = 9
    figure = draw_examples(predicted)
    for (row, column), axes in np.ndenumerate(np.reshape(figure.axes, (10, 8))):
        assert axes.axison == (column < 4)
        if column < 4:
            np.testing.assert_array_equal(axes.images[0].get_array(), IMAGES[4 * row + column])
            is_wrong = (row, column) == (1, 2)
            assert {spine.get_visible() for spine in axes.spines.values()} == {is_wrong}
            captions = [(text.get_text(), text.get_color()) for text in axes.texts]
            assert captions == ([("Bag", RED)] if is_wrong else [])
        assert axes.get_ylabel() == ("" if column else CLASS_NAMES[row])


def test_a_name_that_the_font_cannot_show_becomes_its_label():
    names = ["Ürün", "靴", "Кроссовки", "Παπούτσι", "حذاء"]
    assert safe_labels(names) == {name: name for name in names} | {"靴": "label 1"}
    assert safe_labels(["靴", "label 0"]) == {"靴": "(label 0)", "label 0": "label 0"}


def test_a_caption_keeps_both_ends_of_a_long_name_and_is_no_formula():
    assert caption("a shoe of the left foot", 11) == "a sho… foot"
    assert caption("x" * 24) == "x" * 24
    figure = Figure()
    figure.text(0, 0, caption("$5 and $x^{"))
    figure.draw_without_rendering()
