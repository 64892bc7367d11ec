import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from fashion.description import sheets
from fashion.files import write_figure

RNG = np.random.default_rng(0)


def some(count, shape=(20, 30, 3)):
    return RNG.integers(0, 256, (count, *shape), dtype=np.uint8)


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize(("classes", "columns", "images"), [(2, 1, 12), (37, 2, 6), (200, 4, 3)])
def test_every_class_has_a_row_of_images_with_its_name_and_count(classes, columns, images):
    names = [f"a class of number {n}" for n in range(classes)]
    assert sheets.per_class(classes, 12) == (columns, images)
    rows = [some(images) for _ in names]
    figure = sheets.contact_sheet(rows, names, range(1000, 1000 + classes), "title", "gray")
    assert len(figure.axes) == columns
    found = texts(figure)
    assert {f"{name}  1,{n:03d}" for n, name in enumerate(names)} <= set(found)
    assert figure.get_figheight() < 40


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (100, 300), (64, 64, 3)])
def test_a_mosaic_has_each_image_in_its_place_and_white_elsewhere(shape):
    images = [some(2, shape), some(1, shape)]
    small = sheets.small(images[0][1])
    sheet = sheets.mosaic(images, 2, 2)
    height, width = small.shape[:2]
    assert max(height, width) <= sheets.PIXELS
    first = sheet[:height, width + sheets.GAP : 2 * width + sheets.GAP]
    np.testing.assert_array_equal(first, small)
    assert np.isnan(sheet[height + sheets.GAP :, width + sheets.GAP :]).all()


def test_a_large_image_is_reduced_by_the_means_of_squares():
    image = np.arange(128 * 128, dtype=np.uint32).reshape(128, 128) // 64 % 256
    expected = image.reshape(64, 2, 64, 2).mean(axis=(1, 3)).astype(np.uint8)
    np.testing.assert_array_equal(sheets.small(image.astype(np.uint8)), expected)


def test_images_are_spread_over_the_class_and_shown_once():
    labels = np.array([0, 1] * 10)
    assert sheets.spread(labels, 1, 3).tolist() == [1, 9, 19]
    assert sheets.spread(labels[:4], 0, 12).tolist() == [0, 2]


def test_pairs_are_shown_with_what_they_share_and_no_pairs_with_a_title_alone():
    row = {"distance": 2.5, "part_1": "train", "part_2": "test", "class_1": "cat", "class_2": "cat"}
    table = pd.DataFrame([row | {"kind": "near"}, row | {"kind": "equal", "class_2": "dog"}])
    figure = sheets.pair_sheet([some(2), some(2)], table, "title", "gray")
    assert {"near 2.5: train, test\ncat", "equal: train, test\ncat / dog"} <= set(texts(figure))
    assert "title" in texts(sheets.pair_sheet([], table[:0], "title", "gray"))


def test_equal_data_give_equal_bytes(tmp_path):
    rows, contents = [some(3), some(2)], []
    for _ in range(2):
        figure = sheets.contact_sheet(rows, ["a", "b"], [3, 2], "title", "gray")
        write_figure(tmp_path / "x.png", figure, dpi=50)
        contents.append((tmp_path / "x.png").read_bytes())
    assert contents[0] == contents[1]


def test_a_title_with_dollars_is_no_formula():
    title = r"US$ and A$: $\wrong$"
    rows = [some(2), some(2)]
    figures = (
        sheets.contact_sheet(rows, ["a", "b"], [2, 2], title, "gray"),
        sheets.pair_sheet([], pd.DataFrame(), title, "gray"),
    )
    for figure in figures:
        figure.draw_without_rendering()
        assert title in texts(figure)
