import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from fashion.data_report import contact_sheets
from fashion.data_report.duplicate_report import DuplicateReport
from fashion.io.files import write_figure
from fashion.io.labeled_images import LabeledImages

PAIR = {
    "match": "near",
    "rms": 2.5,
    "split_1": "train",
    "class_1": "cat",
    "split_2": "test",
    "class_2": "cat",
}


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def draw(counts, shape=(20, 30, 3), title="a title", cmap="gray"):
    """A sheet of `counts` images of each class; all pixels of an image are its label."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    images = np.zeros((len(labels), *shape), np.uint8) + labels.reshape(-1, *[1] * len(shape))
    classes = [f"class {label}" for label in range(len(counts))]
    split = LabeledImages(images, labels)
    return contact_sheets.contact_sheet(split, classes, title, cmap, images_per_class=12)


def draw_pairs(count, title="a title"):
    """Pairs of a black image and a second one whose pixels are 1."""
    pair = np.arange(2, dtype=np.uint8)[:, None, None] * np.ones((2, 5, 4), np.uint8)
    rows = pd.DataFrame([PAIR] * count, columns=[*PAIR])
    report = DuplicateReport(pd.DataFrame(), rows, [pair] * count, True)
    return contact_sheets.pair_sheet(report, ["cat", "dog"], title, "gray")


def test_classes_go_from_top_to_bottom_and_then_to_the_next_column():
    figure = draw([1000 + n if n == 7 else 4 for n in range(23)], (20, 30), cmap="gray_r")
    left, right = figure.axes
    for axes, first, count in ((left, 0, 12), (right, 12, 11)):
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert labels == [
            f"class {n}  {'1,007' if n == 7 else 4}" for n in range(first, first + count)
        ]
        sheet = axes.images[0].get_array()
        assert sheet.shape == (12 * 22, 6 * 32)
        assert sheet[10, 10] == first
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray_r"
    assert np.ma.getmaskarray(right.images[0].get_array())[11 * 22 :].all()
    assert figure.get_suptitle() == "a title"


@pytest.mark.parametrize(("count", "rows"), [(0, 1), (6, 1), (7, 2)])
def test_pairs_are_drawn_six_in_a_row(count, rows):
    figure = draw_pairs(count)
    assert [axes.axison for axes in figure.axes] == [n < count for n in range(6 * rows)]
    assert texts(figure).count("near 2.5: train, test\ncat") == count
    for axes in figure.axes[:count]:
        sheet = axes.images[0].get_array()
        assert (sheet.shape, sheet[0, 0], sheet[0, 6]) == ((7, 12), 0, 1)


def test_equal_data_give_equal_bytes(tmp_path):
    for name in "ab":
        write_figure(tmp_path / f"{name}.png", draw([3, 2]), dpi=50)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_dollars_in_a_title_are_not_a_formula():
    title = r"US$ and A$: $\wrong$"
    for figure in (draw([2, 2], title=title), draw_pairs(0, title)):
        figure.draw_without_rendering()
        assert title in texts(figure)
