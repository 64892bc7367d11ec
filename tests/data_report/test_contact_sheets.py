import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from fashion.data_report import contact_sheets
from fashion.data_report.duplicate_report import DuplicateReport
from fashion.io.files import write_figure
from fashion.io.labeled_images import LabeledImages

RNG = np.random.default_rng(0)


def some(count, shape=(20, 30, 3)):
    return RNG.integers(0, 256, (count, *shape), dtype=np.uint8)


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def draw(counts, shape=(20, 30, 3), *, images_per_class=12, title="a title", cmap="gray"):
    """A sheet of `counts` images of each class; all pixels of an image are its label."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    images = np.zeros((len(labels), *shape), np.uint8) + labels.reshape(-1, *[1] * len(shape))
    classes = [f"class {label}" for label in range(len(counts))]
    split = LabeledImages(images, labels)
    return contact_sheets.contact_sheet(
        split, classes, title, cmap, images_per_class=images_per_class
    )


def draw_pairs(pairs, rows, title="a title"):
    report = DuplicateReport(pd.DataFrame(), pd.DataFrame(rows, columns=[*ROW]), pairs, True)
    return contact_sheets.pair_sheet(report, ["cat", "dog"], title, "gray")


ROW = {
    "match": "near",
    "rms": 2.5,
    "split_1": "train",
    "class_1": "cat",
    "split_2": "test",
    "class_2": "cat",
}


@pytest.mark.parametrize(
    ("classes", "count", "columns", "images"),
    [
        (20, 12, 1, 12),
        (21, 12, 2, 6),
        (41, 12, 3, 4),
        (256, 20, 4, 5),
        (256, 4, 4, 3),  # never fewer than three
        (256, 2, 4, 2),  # unless fewer are asked for
    ],
)
def test_many_classes_are_in_up_to_four_columns_with_fewer_images(classes, count, columns, images):
    assert contact_sheets.sheet_layout(classes, count) == (columns, images)


def test_every_column_of_a_sheet_has_classes():
    for classes in range(2, 257):
        columns = contact_sheets.sheet_layout(classes, 12)[0]
        assert (columns - 1) * -(-classes // columns) < classes


def test_classes_go_from_top_to_bottom_and_then_to_the_next_column():
    figure = draw([1000 + n if n == 7 else 4 for n in range(23)], (20, 30), cmap="gray_r")
    left, right = figure.axes
    for axes, first, count in ((left, 0, 12), (right, 12, 11)):
        middles = [10.5 + 22 * row for row in range(count)]  # of images of 20 + 2 pixels
        assert axes.get_yticks().tolist() == middles
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


def test_empty_areas_of_colour_sheets_are_white():
    pixels = draw([2, 1]).axes[0].images[0].get_array()
    assert (pixels.dtype, pixels.shape) == (np.uint8, (44, 64, 3))
    assert (pixels[22:42, :30] == 1).all()
    assert (pixels[22:, 32:] == 255).all()
    assert (pixels[20:22] == 255).all()


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (100, 300), (64, 64, 3)])
def test_a_mosaic_has_each_image_at_its_position_and_gaps_elsewhere(shape):
    images = [some(2, shape), some(1, shape)]
    shrunk = contact_sheets.shrink(images[0][1])
    sheet = contact_sheets.mosaic(images, 2, 2)
    height, width = shrunk.shape[:2]
    assert sheet.shape[:2] == (2 * (height + 2), 2 * (width + 2))
    np.testing.assert_array_equal(sheet[:height, width + 2 : 2 * width + 2], shrunk)
    np.testing.assert_array_equal(
        sheet[height + 2 : -2, :width], contact_sheets.shrink(images[1][0])
    )
    assert np.isnan(sheet[height + 2 :, width + 2 :]).all()
    assert np.isnan(sheet[height : height + 2]).all()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((64, 64), (64, 64)), ((65, 64), (32, 32)), ((128, 9), (64, 4)), ((130, 129, 3), (43, 43, 3))],
)
def test_images_are_shrunk_to_64_pixels_a_side_by_block_means(shape, expected):
    found = contact_sheets.shrink(np.full(shape, 9, np.uint8))
    assert (found.shape, found.dtype) == (expected, np.uint8)
    assert (found == 9).all()
    image = some(1, (128, 128))[0]
    means = image.reshape(64, 2, 64, 2).mean(axis=(1, 3)).astype(np.uint8)
    np.testing.assert_array_equal(contact_sheets.shrink(image), means)


def test_images_are_spread_over_their_class():
    labels = np.array([0, 1] * 10)
    assert contact_sheets.select_spread(labels, 1, 3).tolist() == [1, 9, 19]
    assert contact_sheets.select_spread(labels, 0, 4).tolist() == [0, 6, 12, 18]
    assert contact_sheets.select_spread(labels[:4], 0, 12).tolist() == [0, 2]


@pytest.mark.parametrize(("count", "rows"), [(0, 1), (6, 1), (7, 2)])
def test_pairs_are_drawn_six_in_a_row(count, rows):
    pair = np.arange(2, dtype=np.uint8)[:, None, None] * np.ones((2, 5, 4), np.uint8)
    figure = draw_pairs([pair] * count, [ROW] * count)
    assert figure.get_size_inches().tolist() == pytest.approx([1.9 * 6, 1.45 * rows + 0.4])
    assert [axes.axison for axes in figure.axes] == [n < count for n in range(6 * rows)]
    assert texts(figure).count("near 2.5: train, test\ncat") == count
    for axes in figure.axes[:count]:
        sheet = axes.images[0].get_array()
        assert (sheet.shape, sheet[0, 0], sheet[0, 6]) == ((7, 12), 0, 1)


def test_a_pair_caption_shortens_class_names():
    row = ROW | {"match": "mirrored", "class_1": "a" * 13, "class_2": "b" * 14}
    expected = f"mirrored: train, test\n{'a' * 13} / {'b' * 6}…{'b' * 6}"
    assert contact_sheets.pair_caption(row) == expected


def test_equal_data_give_equal_bytes(tmp_path):
    contents = []
    for _ in range(2):
        write_figure(tmp_path / "x.png", draw([3, 2]), dpi=50)
        contents.append((tmp_path / "x.png").read_bytes())
    assert contents[0] == contents[1]


def test_dollars_in_a_title_are_not_a_formula():
    title = r"US$ and A$: $\wrong$"
    for figure in (draw([2, 2], title=title), draw_pairs([], [], title)):
        figure.draw_without_rendering()
        assert title in texts(figure)
