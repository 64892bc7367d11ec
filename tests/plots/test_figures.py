from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import PercentFormatter

from fashion.evaluation.metrics import per_class
from fashion.evaluation.reliability import reliability
from fashion.io.files import write_figure
from fashion.plots import curves, galleries, scores
from fashion.plots.style import RED, caption, cmap_of, safe_labels

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
        "mistakes": galleries.mistakes(IMAGES[:7], PREDICTIONS[:7], "net", "gray"),
        "no mistakes": galleries.mistakes(IMAGES[:0], PREDICTIONS[:0], "net", "gray"),
        "examples": draw_examples(PREDICTED.reshape(10, 4)),
        "confusion of many": scores.confusion(MANY, MANY_NAMES, "net", normalized=False),
        "normalized of many": scores.confusion(MANY, MANY_NAMES, "net", normalized=True),
        "scores of many": scores.class_scores(many, "net"),
        "examples of two": galleries.examples(
            [COLOUR[0], COLOUR[1, :1]],
            [[*long, long[1]], long[:1]],
            long,
            "net",
            classes=200,
            cmap="gray",
        ),
        "mistakes with long names": galleries.mistakes(
            COLOUR[0], PREDICTIONS[:3].assign(actual=long[0], predicted=long[1]), "net", "gray"
        ),
    }


def draw_examples(predicted):
    """Four images of each class, predicted as the labels `predicted` say."""
    names = [NAMES[row].tolist() for row in predicted]
    return galleries.examples(
        IMAGES.reshape(10, 4, 28, 28), names, CLASS_NAMES, "net", classes=10, cmap="gray"
    )


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def test_a_history_of_one_epoch_is_drawn():
    assert len(curves.curves(HISTORY[:1], "net").axes) == 2


def test_curves_show_the_history():
    loss, accuracy = curves.curves(HISTORY, "net").axes
    labels = [line.get_label() for line in loss.lines]
    assert labels == ["training images as selected and augmented", "validation"]
    np.testing.assert_array_equal(loss.lines[1].get_ydata(), HISTORY["val_loss"])
    np.testing.assert_array_equal(accuracy.lines[0].get_ydata(), HISTORY["accuracy"])


def test_curves_are_seen_but_for_what_runs_out_of_view_in_the_first_fifth():
    table = pd.DataFrame({"epoch": range(1, 11), "loss": [9.0, 8, 5, 4, 3, 3, 3, 2, 2, 1]})
    table = table.assign(val_loss=2.0, accuracy=0.5, val_accuracy=[*[0.1] * 2, *[0.7] * 8])
    loss, accuracy = curves.curves(table, "net").axes
    assert loss.get_ylim() == pytest.approx((0.6, 5.4))  # 1 to 5, and a tenth of that
    assert accuracy.get_ylim() == pytest.approx((0.48, 0.72))
    assert curves.curves(table[:4], "net").axes[0].get_ylim() == pytest.approx((1.3, 9.7))
    for axes in (loss, accuracy):
        assert [line.get_xdata().tolist() for line in axes.lines] == [list(range(1, 11))] * 2
        assert [line.get_markersize() for line in axes.lines] == [3, 3]
    assert [axes.get_xlabel() for axes in (loss, accuracy)] == ["epoch"] * 2
    assert accuracy.yaxis.get_major_formatter().format_pct(0.5, 1) == "50%"
    assert not isinstance(loss.yaxis.get_major_formatter(), PercentFormatter)


def test_epochs_are_whole_numbers_and_the_legend_is_one_line():
    figure = curves.curves(HISTORY, "net")
    figure.draw_without_rendering()
    for axes in figure.axes:
        assert all(tick == int(tick) for tick in axes.get_xticks())
    assert len({text.get_window_extent().y0 for text in figure.legends[0].get_texts()}) == 1


SIZES = {  # inches
    "curves": (9, 3.4),
    "confusion": (6.6, 5.8),
    "confusion_normalized": (6.6, 5.8),
    "confusion of many": (6.6 * 20 / 14, 5.8 * 20 / 14),
    "normalized of many": (13.2, 11.6),
    "class_scores": (7.2, 4.2),
    "scores of many": (7.2, 4.2 + 0.2 * 28),
    "reliability": (5.2, 5.2),
    "mistakes": (9.6, 4.3),
    "mistakes with long names": (9.6, 2.35),
    "no mistakes": (9.6, 2.35),
    "examples": (7.5, 9.2),
    "examples of two": (7.5, 2.4),
}


def test_every_figure_has_a_size():
    assert set(SIZES) == set(drawn())


@pytest.mark.parametrize("name", SIZES)
def test_a_figure_grows_with_what_it_shows(name):
    assert drawn()[name].get_size_inches().tolist() == pytest.approx(SIZES[name])


def test_figures_share_one_style():
    figure = drawn()["curves"]
    axes = figure.axes[0]
    assert (axes.title.get_fontsize(), axes.xaxis.label.get_fontsize()) == (10, 9)
    spines = {side: axes.spines[side].get_visible() for side in ("top", "right", "left", "bottom")}
    assert spines == {"top": False, "right": False, "left": True, "bottom": True}
    assert all(line.get_visible() for line in axes.get_xgridlines())
    assert axes.get_axisbelow() is True
    assert not figure.legends[0].get_frame_on()
    image = drawn()["confusion"].axes[0]
    assert not any(line.get_visible() for line in image.get_xgridlines())


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
    lines = [path.vertices.tolist() for path in axes.collections[0].get_paths()]
    assert lines == [[[0.8, 0], [0.9, 0]], [[0.5, 1], [0.7, 1]]]
    assert axes.xaxis.get_major_formatter().format_pct(0.5, 1) == "50%"


@pytest.mark.parametrize(
    ("count", "shown", "height"), [(12, 12, 4.2), (13, 13, 4.4), (40, 40, 9.8)]
)
def test_up_to_40_classes_have_scores(count, shown, height):
    table = pd.DataFrame({"class": MANY_NAMES[:count], "precision": 1.0, "recall": 1.0, "f1": 1.0})
    figure = scores.class_scores(table, "net")
    assert figure.axes[0].get_yticks().tolist() == list(range(shown))
    assert figure.axes[0].get_title() == "net: scores by class"
    assert figure.get_figheight() == pytest.approx(height)


def test_the_legend_of_scores_is_one_line():
    figure = drawn()["class_scores"]
    figure.draw_without_rendering()
    assert len({text.get_window_extent().y0 for text in figure.legends[0].get_texts()}) == 1


def test_reliability_has_confidence_across_and_accuracy_up():
    table = reliability(np.array([[0.9, 0.1], [0.7, 0.3]]), np.array([0, 1]), bins=4)
    line = scores.reliability(table, 0.1, "net").axes[0].lines[1]
    assert line.get_xdata().tolist() == pytest.approx([0.7, 0.9])
    assert line.get_ydata().tolist() == [0, 1]


def test_reliability_has_a_bar_of_counts_for_each_bin_and_a_point_for_each_that_is_filled():
    table = pd.DataFrame({"low": [0.0, 0.25, 0.5], "high": [0.25, 0.5, 1.0], "count": [0, 1, 30]})
    table = table.assign(confidence=[np.nan, 0.4, 0.8], accuracy=[np.nan, 0.0, 0.9])
    upper, lower = scores.reliability(table, 0.1234, "net").axes
    assert upper.get_title() == "net: reliability (expected calibration error 0.123)"
    perfect, found = upper.lines
    assert (list(perfect.get_xdata()), list(perfect.get_ydata())) == ([0, 1], [0, 1])
    assert found.get_xydata().tolist() == [[0.4, 0.0], [0.8, 0.9]]
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in lower.patches]
    assert np.ravel(bars).tolist() == pytest.approx(
        [0.0125, 0.225, 0, 0.2625, 0.225, 1, 0.525, 0.45, 30]
    )
    assert lower.get_yscale() == "symlog"
    assert lower.yaxis.get_transform().linthresh == 1
    assert lower.get_xlim() == upper.get_xlim() == (0, 1)
    heights = [axes.get_gridspec().get_height_ratios() for axes in (upper, lower)]
    assert heights == [(3, 1), (3, 1)]


def test_confusion_cells_hold_counts_or_percentages_with_true_classes_in_rows():
    matrix = np.array([[3, 1], [0, 5]])
    counts = texts(scores.confusion(matrix, ["cat", "dog"], "net", normalized=False))
    percentages = texts(scores.confusion(matrix, ["cat", "dog"], "net", normalized=True))
    assert {"3", "1", "5"} <= set(counts)
    assert {"75.0", "25.0", "100.0"} <= set(percentages)
    assert "0" not in counts


def cells(figure):
    """The text of each cell by its row and column, and whether it is white."""
    return {
        text.get_position()[::-1]: (text.get_text(), text.get_color() == "white")
        for text in figure.axes[0].texts
    }


def test_cells_stand_in_their_place_and_are_white_on_dark():
    matrix = np.array([[56, 44, 0], [55, 45, 0], [0, 0, 0]])
    names = ["cat", "dog", "no animal"]
    axes = scores.confusion(matrix, names, "net", normalized=False).axes[0]
    assert cells(axes.figure) == {
        (0, 0): ("56", True),
        (0, 1): ("44", False),
        (1, 0): ("55", False),
        (1, 1): ("45", False),
    }
    assert axes.images[0].get_array().tolist() == [[0.56, 0.44, 0], [0.55, 0.45, 0], [0, 0, 0]]
    assert axes.images[0].get_clim() == (0, 1)
    assert {text.get_fontsize() for text in axes.texts} == {8}
    for axis in (axes.xaxis, axes.yaxis):
        assert axis.get_ticklocs().tolist() == [0, 1, 2]
        assert [label.get_text() for label in axis.get_ticklabels()] == names
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    assert axes.get_title() == "net: confusion matrix (test images)"
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {45}
    found = scores.confusion(matrix, names, "net", normalized=True)
    assert cells(found)[0, 0] == ("56.0", True)
    assert found.axes[0].get_title() == "net: confusion matrix (% of each true class)"
    one = scores.confusion(np.array([[1, 0], [0, 2]]), names[:2], "net", normalized=True)
    assert cells(one) == {(0, 0): ("100.0", True), (1, 1): ("100.0", True)}


@pytest.mark.parametrize(("count", "numbered"), [(20, True), (21, False)])
def test_up_to_20_classes_are_numbered(count, numbered):
    matrix, names = np.eye(count, dtype=int), MANY_NAMES[:count]
    figure = scores.confusion(matrix, names, "net", normalized=True)
    assert bool(figure.axes[0].texts) == numbered
    assert len(figure.axes) == (1 if numbered else 2)  # a bar of colours
    counts = scores.confusion(matrix, names, "net", normalized=False).axes[0]
    assert counts.get_title().startswith("net: confusion" if numbered else "net: the 20 most conf")
    assert len(counts.get_xticks()) == 20


@pytest.mark.parametrize(("count", "step"), [(50, 1), (51, 2), (100, 2), (101, 3)])
def test_of_many_classes_every_so_many_is_named(count, step):
    axes = scores.confusion(MANY[:count, :count], MANY_NAMES[:count], "net", normalized=True).axes
    assert axes[0].get_xticks().tolist() == list(range(0, count, step))
    assert axes[0].get_yticks().tolist() == list(range(0, count, step))
    assert axes[0].get_xticklabels()[1].get_text() == caption(MANY_NAMES[step])
    few = f" (one of {step} is named)" if step > 1 else ""
    assert axes[0].get_xlabel() == f"predicted class{few}"
    assert axes[0].get_ylabel() == f"true class{few}"


def test_of_many_classes_colours_are_fractions_of_the_whole_class():
    figure = drawn()["normalized of many"]
    matrix, bar = figure.axes
    shown = matrix.images[0]
    assert shown.get_array()[0, [0, 70]].tolist() == pytest.approx([0.9, 0.1])
    assert [float(shown.norm(value)) for value in (0, 0.01, 1)] == pytest.approx([0, 0.1, 1])
    assert bar.yaxis.get_major_formatter().format_pct(0.5, 1) == "50%"
    matrix = np.diag(np.full(22, 6))
    matrix[0, [1, 21]] = 3, 1
    shown = scores.confusion(matrix, MANY_NAMES[:22], "net", normalized=False).axes[0].images[0]
    assert shown.get_array()[0, :2].tolist() == pytest.approx([0.6, 0.3])  # of 10, 21 left out


def test_every_mistake_is_captioned_with_both_names():
    found = texts(galleries.mistakes(IMAGES[:1], PREDICTIONS[:1], "net", "gray"))
    row = PREDICTIONS.iloc[0]
    expected = f"{row['actual']}, taken for\n{row['predicted']} ({row['confidence']:.1%})"
    assert expected in found


@pytest.mark.parametrize(("count", "rows"), [(0, 1), (1, 1), (6, 1), (7, 2), (12, 2), (13, 3)])
def test_mistakes_stand_six_in_a_row(count, rows):
    figure = galleries.mistakes(IMAGES[:count], PREDICTIONS[:count], "net", "gray_r")
    assert len(figure.axes) == 6 * rows
    assert not any(axes.axison for axes in figure.axes)
    assert [len(axes.images) for axes in figure.axes] == [1] * count + [0] * (6 * rows - count)
    for axes, image in zip(figure.axes, IMAGES[:count], strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray_r"
        assert axes.title.get_fontsize() == 8
    assert figure.get_suptitle() == "net: the most confident mistakes"


def test_captions_of_mistakes_have_15_characters_of_a_name():
    row = pd.DataFrame([{"actual": "a" * 15, "predicted": "b" * 16, "confidence": 0.1239}])
    title = galleries.mistakes(IMAGES[:1], row, "net", "gray").axes[0].get_title()
    assert title == f"{'a' * 15}, taken for\n{'b' * 7}…{'b' * 7} (12.4%)"


def test_examples_stand_in_the_row_of_their_class_and_mistakes_are_framed():
    predicted = LABELS.reshape(10, 4).copy()
    predicted[1, 2], predicted[9, 0] = 9, 3
    figure = draw_examples(predicted)
    grid = np.reshape(figure.axes, (10, 8))
    for (row, column), axes in np.ndenumerate(grid):
        framed = (row, column) in {(1, 2), (9, 0)}
        assert axes.axison == (column < 4)
        if column < 4:
            np.testing.assert_array_equal(axes.images[0].get_array(), IMAGES[4 * row + column])
            assert {spine.get_visible() for spine in axes.spines.values()} == {framed}
            assert len(axes.get_xticks()) == len(axes.get_yticks()) == 0
            assert axes.images[0].get_clim() == (0, 255)
        if framed:
            assert {spine.get_linewidth() for spine in axes.spines.values()} == {1.8}
            assert {spine.get_edgecolor() for spine in axes.spines.values()} == {to_rgba(RED)}
            assert axes.texts[0].get_color() == RED
            assert axes.texts[0].get_position() == (0.5, 1.03)
            assert not axes.texts[0].get_in_layout()
        assert axes.get_ylabel() == ("" if column else CLASS_NAMES[row])
    assert {axes.yaxis.label.get_rotation() for axes in grid[:, 0]} == {0}
    assert figure.get_suptitle().startswith("net: examples of each class, most confident on")


def test_examples_say_that_they_are_of_the_worst_and_grow_with_the_longest_row():
    names = ["one class of many, really", "b" * 13]
    predicted = [["b" * 13] * 9, ["b" * 13]]
    figure = galleries.examples(
        [IMAGES[:9], IMAGES[:1]], predicted, names, "net", classes=3, cmap="gray_r"
    )
    assert figure.get_suptitle().startswith("net: examples of the 2 worst of 3 classes")
    assert figure.get_size_inches().tolist() == pytest.approx([0.8 * 9 + 1.1, 0.85 * 2 + 0.7])
    assert len(figure.axes) == 18
    assert figure.axes[8].texts[0].get_text() == f"{'b' * 6}…{'b' * 5}"
    assert figure.axes[0].get_ylabel() == "one class of…any, really"


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


def test_greyscale_images_are_shown_as_taken():
    shown = {kind: cmap_of(kind) for kind in ("fashion_mnist", "crop", "pad")}
    assert shown == {"fashion_mnist": "gray_r", "crop": "gray", "pad": "gray"}
    axes = galleries.mistakes(IMAGES[:1], PREDICTIONS[:1], "net", "gray").axes[0]
    assert axes.images[0].get_cmap().name == "gray"


@pytest.mark.parametrize(("side", "shown"), [(28, 28), (256, 256), (511, 511), (512, 256)])
def test_a_figure_holds_large_images_reduced(side, shown):
    images = np.zeros((1, side, side, 3), np.uint8)
    images[0, 0, 0] = 255
    axes = galleries.mistakes(images, PREDICTIONS[:1], "net", "gray").axes[0]
    held = axes.images[0].get_array()
    assert held.shape == (shown, shown, 3)
    assert held[0, 0, 0] == 255


def test_a_name_that_the_font_lacks_letters_for_is_shown_as_its_label():
    names = ["Ürün", "靴", "Кроссовки", "Παπούτσι", "حذاء"]
    assert safe_labels(names) == {name: name for name in names} | {"靴": "label 1"}


def test_a_label_instead_of_a_name_is_not_the_name_of_another_class():
    assert safe_labels(["靴", "label 0"]) == {"靴": "(label 0)", "label 0": "label 0"}


def test_a_caption_keeps_both_ends_of_a_long_name_and_is_no_formula():
    assert caption("T-shirt/top", 11) == "T-shirt/top"
    assert caption("a shoe of the left foot", 11) == "a sho… foot"
    assert caption("a shoe of the left foot", 10) == "a sho…foot"
    assert caption("x" * 24) == "x" * 24
    assert caption("x" * 25) == f"{'x' * 12}…{'x' * 11}"
    assert caption("$" * 3, 3) == r"\$\$\$"
    figure = Figure()
    figure.text(0, 0, caption("$5 and $x^{"))
    figure.draw_without_rendering()


def test_equal_data_give_equal_bytes_without_the_name_of_the_program(tmp_path):
    for once, again in zip(drawn().items(), draw_all().items(), strict=True):
        contents = []
        for _, figure in (once, again):
            write_figure(tmp_path / "x.png", figure, dpi=30)
            contents.append((tmp_path / "x.png").read_bytes())
        assert contents[0] == contents[1], once[0]
        assert b"atplotlib" not in contents[0]


@pytest.mark.parametrize("name", SIZES)
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
