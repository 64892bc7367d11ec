"""Crop and pad, compared with sums over whole pixels of exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_predict import ImageError, resizing
from fashion_predict.images.resizing import crop, pad

SIDES = st.integers(1, 9)


def image(height, width, channels=3, seed=0):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def mean(values, rows, columns):
    """Area means of one channel, rounded half up, from the overlap of each pair of pixels."""
    down, right = overlaps(len(values), rows), overlaps(len(values[0]), columns)
    pixels = [(y, x, int(values[y, x])) for y in range(len(values)) for x in range(len(values[0]))]
    exact = [[sum(d[y] * r[x] * v for y, x, v in pixels) for r in right] for d in down]
    return [[int(value + Fraction(1, 2)) for value in row] for row in exact]


def overlaps(length, parts):
    """For each part, which share of it each of `length` pixels is."""
    side = Fraction(length, parts)
    return [
        [
            max(Fraction(0), min((i + 1) * side, x + 1) - max(i * side, x)) / side
            for x in range(length)
        ]
        for i in range(parts)
    ]


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([1, 7, 1 << 20]))
@settings(max_examples=60, deadline=None)
def test_area_means_are_exact_in_bands_of_any_size(height, width, rows, columns, band):
    pixels = image(height, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resizing, "BAND_PIXELS", band)
        found = resizing._reduce(pixels, (rows, columns))
    for channel in range(3):
        assert found[..., channel].tolist() == mean(pixels[..., channel], rows, columns)


@pytest.mark.parametrize("prepare", [crop, pad])
def test_a_image_of_the_size_stays_as_it_is(prepare):
    pixels = image(5, 7)
    np.testing.assert_array_equal(prepare(pixels, (5, 7, 3)), pixels)
    np.testing.assert_array_equal(prepare(pixels[..., 0], (5, 7)), pixels[..., 0])


@pytest.mark.parametrize("prepare", [crop, pad])
@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([1, 3, 4]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_image_becomes_an_image_of_any_shape(prepare, height, width, rows, columns, n, colour):
    shape = (rows, columns, 3) if colour else (rows, columns)
    image = prepare(image(height, width, n), shape)
    assert (image.shape, image.dtype) == (shape, np.uint8)


def share(of, part, whole):
    """`of` * `part` / `whole` rounded half up, but at least 1."""
    return max(1, int(Fraction(of * part, whole) + Fraction(1, 2)))


@given(SIDES, SIDES, SIDES, SIDES)
@settings(max_examples=60, deadline=None)
def test_crop_is_the_area_means_of_the_largest_part_of_the_middle(height, width, rows, columns):
    pixels, (h, w) = image(height, width), (height, width)
    if Fraction(width, height) > Fraction(columns, rows):
        w = share(height, columns, rows)
    else:
        h = share(width, rows, columns)
    top, left = (height - h) // 2, (width - w) // 2
    image = crop(pixels, (rows, columns, 3))
    for channel in range(3):
        middle = pixels[top : top + h, left : left + w, channel]
        assert image[..., channel].tolist() == mean(middle, rows, columns)


@given(SIDES, SIDES, SIDES, SIDES)
@settings(max_examples=60, deadline=None)
def test_pad_is_the_area_means_of_all_within_the_median_of_their_border(
    height, width, rows, columns
):
    pixels, (h, w) = image(height, width), (rows, columns)
    if Fraction(height, width) >= Fraction(rows, columns):
        w = share(width, rows, height)
    else:
        h = share(height, columns, width)
    top, left = (rows - h) // 2, (columns - w) // 2
    image = pad(pixels, (rows, columns, 3))
    for channel in range(3):
        values = mean(pixels[..., channel], h, w)
        border = [*values[0], *values[-1]]
        border += [row[side] for row in values[1:-1] for side in (0, -1)]
        expected = np.full((rows, columns), sorted(border)[(len(border) - 1) // 2])
        expected[top : top + h, left : left + w] = values
        np.testing.assert_array_equal(image[..., channel], expected)


def test_crop_is_the_middle_in_the_shape_of_the_image():
    pixels = image(4, 9)
    np.testing.assert_array_equal(crop(pixels, (4, 4, 3)), pixels[:, 2:6])
    np.testing.assert_array_equal(crop(pixels, (2, 9, 3)), pixels[1:3])
    np.testing.assert_array_equal(crop(pixels[:, :1], (1, 2, 3))[0, 0], pixels[1, 0])


def test_pad_is_the_whole_image_on_the_median_of_its_border():
    pixels = np.full((2, 4), 200, np.uint8)
    pixels[0, 0], pixels[0, 1] = 0, 255
    image = pad(pixels, (7, 4))
    np.testing.assert_array_equal(image[2:4], pixels)
    assert (np.delete(image, [2, 3], axis=0) == 200).all()
    np.testing.assert_array_equal(pad(pixels.T, (4, 7)), image.T)


def test_grey_in_colour_is_the_same_value_three_times():
    grey = image(6, 8, 1)
    image = crop(grey, (3, 3, 3))
    assert (image == image[..., :1]).all()
    np.testing.assert_array_equal(image[..., 0], crop(grey, (3, 3)))


def test_colour_in_greyscale_is_its_luma():
    pixels = np.full((2, 2, 3), (250, 10, 100), np.uint8)
    assert crop(pixels, (1, 1)).tolist() == [[(299 * 250 + 587 * 10 + 114 * 100 + 500) // 1000]]


def test_transparency_is_white():
    pixels = np.zeros((2, 2, 4), np.uint8)
    assert (pad(pixels, (3, 2, 3)) == 255).all()


@pytest.mark.parametrize("prepare", [crop, pad])
@pytest.mark.parametrize("shape", [(0, 3), (3, 3, 2), (3,)])
def test_what_is_no_image_is_refused(prepare, shape):
    with pytest.raises(ImageError, match="expected uint8"):
        prepare(np.zeros(shape, np.uint8), (2, 2))
