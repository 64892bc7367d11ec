import math

import numpy as np
import pytest

from fashion_predict import ImageError
from fashion_predict import preprocessing as steps

WHITE = 255


def on_background(background, shape=(30, 30), box=(5, 25, 10, 20), garment=(55, 55, 55)):
    image = np.empty((*shape, 3), np.uint8)
    image[:] = background
    top, bottom, left, right = box
    image[top:bottom, left:right] = garment
    return image


def test_an_original_stays_as_it_is_however_many_channels_say_it():
    original = np.random.default_rng(0).integers(0, 256, (6, 5), dtype=np.uint8)
    original[[0, 0, -1, -1], [0, -1, 0, -1]] = (0, 127, 128, 255)  # 127.5
    colours = np.repeat(original[..., np.newaxis], 3, axis=2)
    opaque = np.dstack([colours, np.full_like(original, WHITE)])
    for pixels in (original, colours, opaque):
        np.testing.assert_array_equal(steps.prepare(pixels, (6, 5)), original)


@pytest.mark.parametrize("channel", range(4))
def test_one_pixel_that_is_not_opaque_or_not_grey_makes_it_no_original(channel):
    image = np.zeros((6, 6, 4), np.uint8)
    image[..., 3] = WHITE
    image[2:4, 2:4, :3] = 200
    np.testing.assert_array_equal(steps.prepare(image, (6, 6)), image[..., 0])
    image[3, 3, channel] -= 1
    for pixels in (image, *[image[..., :3]] * (channel < 3)):
        assert steps.prepare(pixels, (6, 6)).all()  # trimmed and enlarged


@pytest.mark.parametrize("shape", [(5, 6), (6, 5), (12, 12)])
def test_a_image_of_another_size_is_no_original(shape):
    image = np.zeros((6, 6), np.uint8)
    image[2:4, 2:4] = 200
    assert steps.prepare(image, shape)[shape[0] // 2, shape[1] // 2] == 200
    assert steps.prepare(image, shape).shape == shape


@pytest.mark.parametrize("channels", [(), (3,)])
def test_a_image_of_the_models_size_on_a_light_background_is_no_original(channels):
    image = np.full((6, 6, *channels), WHITE, np.uint8)
    image[1:5, 2:4] = 55
    expected = np.zeros((6, 6), np.uint8)
    expected[:, 2:5] = 200  # trimmed and enlarged
    np.testing.assert_array_equal(steps.prepare(image, (6, 6)), expected)


def test_a_background_of_128_is_light():
    image = np.full((6, 6), 128, np.uint8)
    image[2, 2] = 0
    assert steps.prepare(image, (6, 6)).tolist() == [[WHITE] * 6] * 6
    assert (steps.prepare(image - (image > 0), (6, 6)) == image - (image > 0)).all()


def test_a_image_of_the_models_size_in_colour_is_prepared():
    image = on_background(WHITE, (6, 6), (1, 4, 2, 4), garment=(200, 0, 0))
    assert steps.prepare(image, (6, 6)).max() == WHITE - 60  # 299 * 200 / 1000


def test_a_rectangle_on_white_is_trimmed_scaled_centred_and_negated():
    expected = np.zeros((4, 4), np.uint8)
    expected[:, 1:3] = 200
    np.testing.assert_array_equal(steps.prepare(on_background(WHITE), (4, 4)), expected)


@pytest.mark.parametrize(
    ("background", "garment", "value"),
    [
        (255, 55, 200),  # the published negation
        (0, 55, 55),  # nothing to negate
        (205, 0, 255),  # a black garment stays the strongest on any light background
        (55, 255, 255),
        (100, 20, 204),  # 255 * 80 / 100: darker than a dark background
        (155, 235, 204),  # 255 * 80 / 100: lighter than a light background
        (200, 155, 57),  # 57.375
    ],
)
def test_the_background_becomes_0_and_the_garment_its_contrast(background, garment, value):
    result = steps.prepare(on_background(background, garment=(garment,) * 3), (4, 4))
    assert result[:, 1:3].tolist() == [[value] * 2] * 4
    assert not result[:, [0, 3]].any()


def test_transparency_is_white():
    image = np.zeros((30, 30, 4), np.uint8)
    image[5:25, 10:20] = (55, 55, 55, 255)
    np.testing.assert_array_equal(
        steps.prepare(image, (4, 4)), steps.prepare(on_background(WHITE), (4, 4))
    )
    half = steps.opaque(np.array([[[13, 13, 13, 128]]], np.uint8))
    assert half.tolist() == [[[134] * 3]]  # 133.53


def test_one_corner_cannot_change_the_background():
    image = np.full((9, 9, 3), 200)
    image[0, 0], image[-1, -1] = 0, 210
    assert steps._background(image).tolist() == [200] * 3
    image[0, -1] = (100, 220, 205)
    assert steps._background(image).tolist() == [150, 205, 202]


@pytest.mark.parametrize(("red", "kept"), [(233, False), (232, True)])
def test_within_five_percent_of_the_background_is_trimmed(red, kept):
    """487 lies between 22 ** 2 and 23 ** 2."""
    assert math.floor(3 * (0.05 * WHITE) ** 2) == steps.TRIM_DISTANCE
    image = np.full((5, 5, 3), WHITE)
    image[2, 2] = 0
    image[4, 3, 0] = red
    trimmed = steps._trim(image, np.array([WHITE] * 3))
    assert trimmed.shape == ((3, 2, 3) if kept else (1, 1, 3))


@pytest.mark.parametrize("colour", [WHITE, 0, 128])
def test_nothing_on_a_plain_background_is_an_error(colour):
    with pytest.raises(ImageError, match="nothing on a plain background"):
        steps.prepare(np.full((50, 40), colour, np.uint8), (28, 28))


def test_a_garment_of_the_grey_of_its_background_is_an_error():
    image = on_background((100, 100, 100), garment=(100, 81, 200))  # 299 R + 587 G + 114 B
    with pytest.raises(ImageError, match="its grey is that of the background"):
        steps.prepare(image, (4, 4))


def test_blocks_become_their_rounded_mean_cut_off_at_the_edges():
    image = np.array([[0, 1, 10], [2, 3, 20], [7, 8, 30]], np.uint8)
    reduced = steps._reduce(image, 2)
    assert reduced[..., 0].tolist() == [[2, 15], [8, 30]]  # 1.5 and 7.5 are rounded up


def test_a_image_of_many_bands_is_reduced_as_one_of_one_band(monkeypatch):
    image = np.random.default_rng(0).integers(0, 256, (301, 50, 4), dtype=np.uint8)
    whole = steps._reduce(image, 73)
    monkeypatch.setattr(steps, "BAND_PIXELS", 999)
    np.testing.assert_array_equal(steps._reduce(image, 73), whole)
    assert whole.shape == (61, 10, 3)


@pytest.mark.parametrize(("edge", "reduced"), [(146, 146), (147, 74), (292, 146), (293, 98)])
def test_images_are_reduced_by_whole_numbers(edge, reduced):
    assert steps._reduce(np.zeros((edge, 3), np.uint8), steps.TRIM_EDGE).shape[0] == reduced


@pytest.mark.parametrize(
    ("size", "shape", "sampled"),
    [
        ((40, 20), (28, 28), (28, 14)),
        ((20, 40), (28, 28), (14, 28)),
        ((40, 21), (28, 28), (28, 15)),  # 14.7
        ((73, 1), (28, 28), (28, 1)),
        ((10, 10), (20, 8), (8, 8)),
        ((4, 2), (8, 8), (8, 4)),  # repeated
    ],
)
def test_the_longest_edge_fits_and_the_other_keeps_its_proportion(size, shape, sampled):
    assert steps._sample(np.zeros((*size, 3), int), shape).shape[:2] == sampled


def test_rows_are_skipped_evenly():
    assert steps._places(5, 3).tolist() == [0, 2, 4]
    assert steps._places(2, 4).tolist() == [0, 0, 1, 1]
    assert steps._places(56, 28).tolist() == list(range(1, 56, 2))


def test_the_weights_are_those_of_imagemagick():
    radii = np.hypot(*np.mgrid[-1:2, -1:2])
    kernel = -np.exp(-(radii**2) / 2)
    kernel[1, 1] = -2 * kernel.sum()
    kernel /= kernel.sum()
    corner, edge, centre = (256 * kernel[place] for place in ((0, 0), (0, 1), (1, 1)))
    assert (round(edge), round(corner)) == (steps.BESIDE, steps.DIAGONAL)
    assert abs(centre - steps.CENTRE) < 1.5
    assert steps.CENTRE + 4 * steps.BESIDE + 4 * steps.DIAGONAL == 256


def test_sharpening_of_a_point_and_of_a_flat_image():
    grey = np.full((5, 5), 100)
    assert (steps._sharpen(grey) == 100).all()
    grey[2, 2] = 140
    assert steps._sharpen(grey)[1:4, 1:4].tolist() == [
        [98, 96, 98],  # 100 - 40 * 16 / 256 = 97.5; 100 - 40 * 26 / 256 = 95.9
        [96, 166, 96],  # 100 + 40 * 424 / 256
        [98, 96, 98],
    ]


def test_odd_sizes_are_centred_as_in_the_published_images():
    placed = steps._centre(np.ones((3, 2), int), (4, 5))
    assert np.flatnonzero(placed.any(axis=1)).tolist() == [1, 2, 3]
    assert np.flatnonzero(placed.any(axis=0)).tolist() == [1, 2]


def sharpened(values):
    h, w = len(values), len(values[0])

    def at(y, x):
        return values[min(max(y, 0), h - 1)][min(max(x, 0), w - 1)]

    def sharp(y, x):
        beside = at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1)
        diagonal = sum(at(y + down, x + right) for down in (-1, 1) for right in (-1, 1))
        return min(max((424 * at(y, x) - 26 * beside - 16 * diagonal + 128) // 256, 0), 255)

    return [[sharp(y, x) for x in range(w)] for y in range(h)]


def by_the_book(image, height, width):
    """Steps 2 to 10 as the module's first lines have them, in plain Python; colours are tuples."""

    def reduce(rows, edge):
        k = -(-max(len(rows), len(rows[0])) // edge)
        tops, lefts = range(0, len(rows), k), range(0, len(rows[0]), k)
        return [[mean([row[x : x + k] for row in rows[y : y + k]]) for x in lefts] for y in tops]

    def mean(block):
        pixels = [pixel for row in block for pixel in row]
        n = len(pixels)
        return tuple((2 * sum(values) + n) // (2 * n) for values in zip(*pixels, strict=True))

    def opaque(pixel):
        *colour, a = pixel
        return tuple((c * a + 255 * (255 - a) + 127) // 255 for c in colour)

    def taken(n, m):
        return [((2 * i + 1) * n) // (2 * m) for i in range(m)]

    def to_grey(pixel):
        return (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) // 1000

    rows = reduce([[opaque(pixel) for pixel in row] for row in image.tolist()], 146)
    corners = zip(rows[0][0], rows[0][-1], rows[-1][0], rows[-1][-1], strict=True)
    ground = [(b + c) // 2 for _, b, c, _ in map(sorted, corners)]
    kept = [
        (y, x)
        for y, row in enumerate(rows)
        for x, pixel in enumerate(row)
        if sum((p - g) ** 2 for p, g in zip(pixel, ground, strict=True)) > 487
    ]
    (top, bottom), (left, right) = ((min(n), max(n) + 1) for n in zip(*kept, strict=True))
    rows = reduce([row[left:right] for row in rows[top:bottom]], 73)
    h, w = len(rows), len(rows[0])
    if h * width >= w * height:
        size = height, max(1, (2 * w * height + h) // (2 * h))
    else:
        size = max(1, (2 * h * width + w) // (2 * w)), width
    values = [[to_grey(rows[y][x]) for x in taken(w, size[1])] for y in taken(h, size[0])]

    values = sharpened(values)
    g = to_grey(ground)
    darker, lighter = ([[max(s * (g - v), 0) for v in row] for row in values] for s in (1, -1))
    negate = sum(map(sum, darker)) >= sum(map(sum, lighter))
    source, scale = (darker, g) if negate else (lighter, 255 - g)
    image = np.zeros((height, width), int)
    for y, row in enumerate(source, height // 2 - size[0] // 2):
        for x, value in enumerate(row, width // 2 - size[1] // 2):
            image[y, x] = (2 * 255 * value + scale) // (2 * scale)
    return image


@pytest.mark.parametrize("seed", range(12))
def test_any_image_is_prepared_by_the_book(seed):
    rng = np.random.default_rng(seed)
    size = rng.integers(2, 320 if seed % 3 == 0 else 90, 2)
    image = rng.integers(0, 256, (*size, 4)).astype(np.uint8)
    image[..., 3] |= 128 if seed % 2 else 255
    edge = max(1, min(size) // 5)
    image[:edge] = image[-edge:] = image[:, :edge] = image[:, -edge:] = [
        *rng.integers(0, 256, 3),
        255,
    ]
    height, width = rng.integers(1, 33, 2)
    expected = by_the_book(image, int(height), int(width))
    np.testing.assert_array_equal(steps.prepare(image, (height, width)), expected)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((5, 5)),
        np.zeros((5, 5, 2), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((0, 5), np.uint8),
    ],
)
def test_other_arrays_are_refused(pixels):
    with pytest.raises(ImageError, match=r"expected uint8 \[height, width\].*received"):
        steps.prepare(pixels, (28, 28))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (301, 2), (500, 33), (28, 27)])
@pytest.mark.parametrize("shape", [(28, 28), (20, 32), (1, 1)])
def test_any_size_gives_the_models(size, shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 4), dtype=np.uint8)
    if size == (1, 1):
        with pytest.raises(ImageError):
            steps.prepare(pixels, shape)
        return
    result = steps.prepare(pixels, shape)
    assert result.shape == shape
    assert result.dtype == np.uint8
