import hashlib

import numpy as np
import pytest

from fashion_predict import ImageError
from fashion_predict.images import pixels as pixels_module
from fashion_predict.images.resizing import PREPROCESSING, crop, pad


def image(height, width, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("fashion_mnist", "dc814219d5d36f8e"),
        ("crop", "ea15366cf6e03b49"),
        ("pad", "17a76b819945a156"),
    ],
)
@pytest.mark.parametrize("band", [5000, 1 << 20])
def test_pixels_never_change(monkeypatch, name, digest, band):
    """Networks were trained on these pixels, and the web page computes the same ones."""
    monkeypatch.setattr(pixels_module, "BAND_PIXELS", band)
    digests = hashlib.sha256()
    for height, width in ((9, 7), (30, 41), (100, 147), (311, 200)):
        pixels = np.full((height, width, 4), 250, np.uint8)
        garment = pixels[height // 5 : -height // 5, width // 3 :]
        garment[:] = (np.arange(garment.size) * 7919 % 251).reshape(garment.shape)
        for shape in ((28, 28), (13, 31)):
            digests.update(PREPROCESSING[name](pixels, shape).tobytes())
    assert digests.hexdigest()[:16] == digest


@pytest.mark.parametrize("preprocess", [crop, pad])
def test_an_image_of_the_models_shape_does_not_change(preprocess):
    pixels = image(5, 7)
    np.testing.assert_array_equal(preprocess(pixels, (5, 7, 3)), pixels)
    np.testing.assert_array_equal(preprocess(pixels[..., 0], (5, 7)), pixels[..., 0])


@pytest.mark.parametrize("preprocess", [crop, pad])
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_reducing_gives_means_and_enlarging_gives_blocks(preprocess, factor):
    pixels = image(4, 6)
    large = np.repeat(np.repeat(pixels, factor, axis=0), factor, axis=1)
    np.testing.assert_array_equal(preprocess(large, pixels.shape), pixels)
    np.testing.assert_array_equal(preprocess(pixels, large.shape), large)
    assert preprocess(np.array([[1, 2], [4, 255]], np.uint8), (1, 1)) == 66  # 65.5


def test_crop_takes_the_middle():
    pixels = image(4, 9)
    np.testing.assert_array_equal(crop(pixels, (4, 4, 3)), pixels[:, 2:6])
    np.testing.assert_array_equal(crop(pixels, (2, 9, 3)), pixels[1:3])


def test_pad_keeps_all_and_surrounds_it_with_the_median_of_its_border():
    pixels = np.full((2, 4), 200, np.uint8)
    pixels[0, 0], pixels[0, 1] = 0, 255
    result = pad(pixels, (7, 4))
    np.testing.assert_array_equal(result[2:4], pixels)
    assert (np.delete(result, [2, 3], axis=0) == 200).all()
    np.testing.assert_array_equal(pad(pixels.T, (4, 7)), result.T)


def test_grey_becomes_three_equal_channels_and_colour_its_luma():
    grey = image(6, 8)[..., 0]
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
