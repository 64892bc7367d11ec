"""Crop and pad, compared with exact fractions."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_predict import ImageError
from fashion_predict.images import pixels as pixels_module
from fashion_predict.images.resizing import PREPROCESSING, crop, pad

SIDES = st.integers(1, 9)
SIZES = st.tuples(SIDES, SIDES)


def image(height, width, channels=3):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def area_means(values, rows, columns):
    """Area means of one channel, rounded half up, from the overlap of each pair of pixels."""
    down, right = overlaps(len(values), rows), overlaps(len(values[0]), columns)
    exact = down @ values.astype(object) @ right.T
    return [[int(value + Fraction(1, 2)) for value in row] for row in exact]


def overlaps(length, count):
    """The share that each of `length` pixels has in each of `count` equal intervals."""
    side = Fraction(length, count)
    return np.array(
        [
            [
                max(Fraction(0), min((i + 1) * side, x + 1) - max(i * side, x)) / side
                for x in range(length)
            ]
            for i in range(count)
        ]
    )


def proportional(side, part, whole):
    """`side` * `part` / `whole` rounded half up, but at least 1."""
    return max(1, int(Fraction(side * part, whole) + Fraction(1, 2)))


@given(SIZES, SIZES, st.sampled_from([1, 7, 1 << 20]))
@settings(max_examples=60, deadline=None)
def test_crop_is_the_area_means_of_the_largest_rectangle_in_the_middle(size, shape, band):
    (height, width), (rows, columns) = (h, w), _ = size, shape
    if Fraction(width, height) > Fraction(columns, rows):
        w = proportional(height, columns, rows)
    else:
        h = proportional(width, rows, columns)
    top, left = (height - h) // 2, (width - w) // 2
    pixels = image(height, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels_module, "BAND_PIXELS", band)
        result = crop(pixels, (rows, columns, 3))
    for channel in range(3):
        middle = pixels[top : top + h, left : left + w, channel]
        assert result[..., channel].tolist() == area_means(middle, rows, columns)


@given(SIZES, SIZES)
@settings(max_examples=60, deadline=None)
def test_pad_is_the_area_means_of_all_within_the_median_of_their_border(size, shape):
    (height, width), (rows, columns) = _, (h, w) = size, shape
    if Fraction(height, width) >= Fraction(rows, columns):
        w = proportional(width, rows, height)
    else:
        h = proportional(height, columns, width)
    top, left = (rows - h) // 2, (columns - w) // 2
    pixels = image(height, width)
    result = pad(pixels, (rows, columns, 3))
    for channel in range(3):
        values = area_means(pixels[..., channel], h, w)
        border = [*values[0], *values[-1]]
        border += [row[side] for row in values[1:-1] for side in (0, -1)]
        expected = np.full((rows, columns), sorted(border)[(len(border) - 1) // 2])
        expected[top : top + h, left : left + w] = values
        np.testing.assert_array_equal(result[..., channel], expected)


@pytest.mark.parametrize("preprocess", [crop, pad])
@given(SIZES, SIZES, st.sampled_from([1, 3, 4]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_image_becomes_any_shape(preprocess, size, shape, channels, in_colour):
    shape = (*shape, 3) if in_colour else shape
    result = preprocess(image(*size, channels), shape)
    assert (result.shape, result.dtype) == (shape, np.uint8)


@pytest.mark.parametrize("preprocess", [crop, pad])
def test_an_image_of_the_models_shape_does_not_change(preprocess):
    pixels = image(5, 7)
    np.testing.assert_array_equal(preprocess(pixels, (5, 7, 3)), pixels)
    np.testing.assert_array_equal(preprocess(pixels[..., 0], (5, 7)), pixels[..., 0])


def test_grey_becomes_three_equal_channels_and_colour_its_luma():
    grey = image(6, 8, 1)
    in_colour = crop(grey, (3, 3, 3))
    for channel in range(3):
        np.testing.assert_array_equal(in_colour[..., channel], crop(grey, (3, 3)))
    pixels = np.full((2, 2, 3), (250, 10, 100), np.uint8)
    assert crop(pixels, (1, 1)).tolist() == [[(299 * 250 + 587 * 10 + 114 * 100 + 500) // 1000]]


def test_transparent_pixels_are_white():
    assert (pad(np.zeros((2, 2, 4), np.uint8), (3, 2, 3)) == 255).all()
    assert crop(np.array([[[13, 13, 13, 128]]], np.uint8), (1, 1)) == 134  # 133.53


@pytest.mark.parametrize("name", PREPROCESSING)
@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((0, 3), np.uint8), ((3, 3, 2), np.uint8), ((3,), np.uint8), ((5, 5), float)],
)
def test_other_arrays_are_refused(name, shape, dtype):
    with pytest.raises(ImageError, match=r"expected uint8 \[height, width\].*received"):
        PREPROCESSING[name](np.zeros(shape, dtype), (2, 2))


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("fashion_mnist", "dc814219d5d36f8e"),
        ("crop", "ea15366cf6e03b49"),
        ("pad", "17a76b819945a156"),
    ],
)
def test_pixels_are_the_same_to_the_last_bit_in_every_version(monkeypatch, name, digest):
    """Committed models were trained on these pixels."""
    monkeypatch.setattr(pixels_module, "BAND_PIXELS", 5000)
    digests = hashlib.sha256()
    for height, width in ((9, 7), (30, 41), (100, 147), (311, 200)):
        image = np.full((height, width, 4), 250, np.uint8)
        garment = image[height // 5 : -height // 5, width // 3 :]
        garment[:] = (np.arange(garment.size) * 7919 % 251).reshape(garment.shape)
        for shape in ((28, 28), (13, 31)):
            digests.update(PREPROCESSING[name](image, shape).tobytes())
    assert digests.hexdigest()[:16] == digest
