import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from fashion.data_report import contact_sheets
from fashion.io.files import write_figure

RNG = np.random.default_rng(0)


def some(count, shape=(20, 30, 3)):
    return RNG.integers(0, 256, (count, *shape), dtype=np.uint8)


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize(("classes", "columns", "images"), [(2, 1, 12), (37, 2, 6), (200, 4, 3)])
def test_every_class_has_a_row_of_images_with_its_name_and_count(classes, columns, images):
    names = [f"a class of number {n}" for n in range(classes)]
    assert contact_sheets.per_class(classes, 12) == (columns, images)
    rows = [some(images) for _ in names]
    figure = contact_sheets.contact_sheet(rows, names, range(1000, 1000 + classes), "title", "gray")
    assert len(figure.axes) == columns
    found = texts(figure)
    assert {f"{name}  1,{n:03d}" for n, name in enumerate(names)} <= set(found)
    assert figure.get_figheight() < 40


@pytest.mark.parametrize(
    ("classes", "count", "columns", "images"),
    [
        (2, 12, 1, 12),
        (20, 12, 1, 12),
        (21, 12, 2, 6),
        (40, 13, 2, 6),
        (41, 12, 3, 4),
        (60, 12, 3, 4),
        (61, 12, 4, 3),
        (256, 20, 4, 5),
        (256, 4, 4, 3),  # never fewer than three
        (256, 2, 4, 2),  # of those that there are
        (2, 1, 1, 1),
    ],
)
def test_many_classes_stand_in_up_to_four_columns_of_fewer_images(classes, count, columns, images):
    assert contact_sheets.per_class(classes, count) == (columns, images)


def test_every_column_of_a_sheet_has_classes():
    for classes in range(2, 257):
        columns = contact_sheets.per_class(classes, 12)[0]
        assert (columns - 1) * -(-classes // columns) < classes


def test_classes_stand_from_top_to_bottom_and_then_in_the_next_column():
    rows = [np.full((n % 3 + 1, 20, 30), n, np.uint8) for n in range(23)]
    names = [f"class {n}" for n in range(23)]
    figure = contact_sheets.contact_sheet(rows, names, range(1000, 1023), "a title", "gray_r")
    left, right = figure.axes
    for axes, first, count in ((left, 0, 12), (right, 12, 11)):
        places = [10.5 + 22 * row for row in range(count)]  # the middles of images of 20 + 2
        assert axes.get_yticks().tolist() == places
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert labels == [f"class {n}  1,{n:03}" for n in range(first, first + count)]
        sheet = axes.images[0].get_array()
        assert sheet.shape == (12 * 22, 3 * 32)
        assert sheet[10, 10] == first
        assert len(axes.get_xticks()) == 0
        assert axes.images[0].get_clim() == (0, 255)
        assert axes.images[0].get_cmap().name == "gray_r"
    assert np.ma.getmaskarray(right.images[0].get_array())[11 * 22 :].all()
    assert figure.get_suptitle() == "a title"


@pytest.mark.parametrize(
    ("classes", "images", "shape", "size"),
    [
        (2, 12, (20, 30), (2.3 + 12 * 32 * 0.5 / 30, 2 * 22 * 0.5 / 30 + 0.5)),
        (2, 20, (40, 20), (2.3 + 20 * 22 * 0.5 / 40, 2 * 42 * 0.5 / 40 + 0.5)),
        (41, 2, (20, 20), (3 * (2.3 + 2 * 22 * 0.5 / 20), 14 * 22 * 0.5 / 20 + 0.5)),
        (2, 1, (20, 20), (6, 2 * 22 * 0.5 / 20 + 0.5)),  # no narrower, for the title
    ],
)
def test_a_sheet_has_half_an_inch_for_the_longer_side_of_an_image(classes, images, shape, size):
    rows = [np.zeros((images, *shape), np.uint8)] * classes
    figure = contact_sheets.contact_sheet(rows, ["x"] * classes, [1] * classes, "title", "gray")
    assert figure.get_size_inches().tolist() == pytest.approx(size)


def test_in_colour_what_is_empty_is_white():
    rows = [np.full((count, 20, 30, 3), 7, np.uint8) for count in (2, 1)]
    sheet = (
        contact_sheets.contact_sheet(rows, ["a", "b"], [2, 1], "title", "gray").axes[0].images[0]
    )
    pixels = sheet.get_array()
    assert (pixels.dtype, pixels.shape) == (np.uint8, (44, 64, 3))
    assert (pixels[22:42, :30] == 7).all()
    assert (pixels[22:, 32:] == 255).all()
    assert (pixels[20:22] == 255).all()


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (100, 300), (64, 64, 3)])
def test_a_mosaic_has_each_image_in_its_place_and_white_elsewhere(shape):
    images = [some(2, shape), some(1, shape)]
    small = contact_sheets.small(images[0][1])
    sheet = contact_sheets.mosaic(images, 2, 2)
    height, width = small.shape[:2]
    assert max(height, width) <= contact_sheets.PIXELS
    assert sheet.shape[:2] == (2 * (height + 2), 2 * (width + 2))
    np.testing.assert_array_equal(sheet[:height, width + 2 : 2 * width + 2], small)
    np.testing.assert_array_equal(
        sheet[height + 2 : -2, :width], contact_sheets.small(images[1][0])
    )
    assert np.isnan(sheet[height + 2 :, width + 2 :]).all()
    assert np.isnan(sheet[height : height + 2]).all()
    assert np.isnan(sheet[:, width : width + 2]).all()


def test_a_large_image_is_reduced_by_the_means_of_squares():
    image = np.arange(128 * 128, dtype=np.uint32).reshape(128, 128) // 64 % 256
    expected = image.reshape(64, 2, 64, 2).mean(axis=(1, 3)).astype(np.uint8)
    np.testing.assert_array_equal(contact_sheets.small(image.astype(np.uint8)), expected)


@pytest.mark.parametrize(
    ("shape", "reduced"),
    [((64, 64), (64, 64)), ((65, 64), (32, 32)), ((128, 9), (64, 4)), ((130, 129, 3), (43, 43, 3))],
)
def test_no_side_of_an_image_on_a_sheet_is_longer_than_64_pixels(shape, reduced):
    found = contact_sheets.small(np.full(shape, 9, np.uint8))
    assert (found.shape, found.dtype) == (reduced, np.uint8)
    assert (found == 9).all()


def test_images_are_spread_over_the_class_and_shown_once():
    labels = np.array([0, 1] * 10)
    assert contact_sheets.spread(labels, 1, 3).tolist() == [1, 9, 19]
    assert contact_sheets.spread(labels, 0, 4).tolist() == [0, 6, 12, 18]
    assert contact_sheets.spread(labels, 0, 1).tolist() == [0]
    assert contact_sheets.spread(labels[:4], 0, 12).tolist() == [0, 2]


def test_pairs_are_shown_with_what_they_share_and_no_pairs_with_a_title_alone():
    row = {
        "distance": 2.5,
        "split_1": "train",
        "split_2": "test",
        "class_1": "cat",
        "class_2": "cat",
    }
    table = pd.DataFrame([row | {"kind": "near"}, row | {"kind": "equal", "class_2": "dog"}])
    figure = contact_sheets.pair_sheet([some(2), some(2)], table, "title", "gray")
    assert {"near 2.5: train, test\ncat", "equal: train, test\ncat / dog"} <= set(texts(figure))
    assert "title" in texts(contact_sheets.pair_sheet([], table[:0], "title", "gray"))


@pytest.mark.parametrize(("pairs", "rows"), [(0, 1), (1, 1), (6, 1), (7, 2), (12, 2), (13, 3)])
def test_pairs_stand_six_in_a_row(pairs, rows):
    row = {"kind": "equal", "distance": 0.0, "split_1": "train", "split_2": "train"}
    row |= {"class_1": "cat", "class_2": "cat"}
    both = np.arange(2, dtype=np.uint8)[:, None, None] * np.ones((2, 5, 4), np.uint8)
    figure = contact_sheets.pair_sheet([both] * pairs, pd.DataFrame([row] * pairs), "title", "gray")
    assert figure.get_size_inches().tolist() == pytest.approx([1.9 * 6, 1.45 * rows + 0.4])
    assert len(figure.axes) == 6 * rows
    assert [axes.axison for axes in figure.axes] == [n < pairs for n in range(6 * rows)]
    for axes in figure.axes[:pairs]:
        sheet = axes.images[0].get_array()
        assert sheet.shape == (7, 12)
        assert (sheet[0, 0], sheet[0, 6]) == (0, 1)
        assert axes.title.get_fontsize() == 7


def test_a_caption_of_a_pair_has_13_characters_of_a_class():
    row = {"kind": "mirrored", "distance": 3.0, "split_1": "train", "split_2": "test"}
    names = {"class_1": "a" * 13, "class_2": "b" * 14}
    expected = f"mirrored: train, test\n{'a' * 13} / {'b' * 6}…{'b' * 6}"
    assert contact_sheets.pair_caption(row | names) == expected
    assert contact_sheets.pair_caption(row | names | {"kind": "near"}).startswith(
        "near 3.0: train, test\n"
    )


def test_equal_data_give_equal_bytes(tmp_path):
    rows, contents = [some(3), some(2)], []
    for _ in range(2):
        figure = contact_sheets.contact_sheet(rows, ["a", "b"], [3, 2], "title", "gray")
        write_figure(tmp_path / "x.png", figure, dpi=50)
        contents.append((tmp_path / "x.png").read_bytes())
    assert contents[0] == contents[1]


def test_a_title_with_dollars_is_no_formula():
    title = r"US$ and A$: $\wrong$"
    rows = [some(2), some(2)]
    figures = (
        contact_sheets.contact_sheet(rows, ["a", "b"], [2, 2], title, "gray"),
        contact_sheets.pair_sheet([], pd.DataFrame(), title, "gray"),
    )
    for figure in figures:
        figure.draw_without_rendering()
        assert title in texts(figure)
