import numpy as np
import pytest

from fashion_predict import ImageError
from fashion_predict.images.fashion_mnist import fashion_mnist

WHITE = 255


def on_background(background, shape=(30, 30), box=(5, 25, 10, 20), garment=(55, 55, 55)):
    image = np.empty((*shape, 3), np.uint8)
    image[:] = background
    top, bottom, left, right = box
    image[top:bottom, left:right] = garment
    return image


def with_alpha(image, alpha=WHITE):
    return np.dstack([image, np.full(image.shape[:2], alpha, np.uint8)])


def test_an_original_does_not_change_with_any_number_of_channels():
    original = np.random.default_rng(0).integers(0, 256, (6, 5), dtype=np.uint8)
    original[[0, 0, -1, -1], [0, -1, 0, -1]] = (0, 127, 128, 255)  # background: 127
    colours = np.repeat(original[..., np.newaxis], 3, axis=2)
    for image in (original, colours, with_alpha(colours)):
        np.testing.assert_array_equal(fashion_mnist(image, (6, 5)), original)


@pytest.mark.parametrize("channel", range(4))
def test_an_original_is_opaque_and_grey(channel):
    image = with_alpha(on_background(0, (6, 6), (2, 4, 2, 4), (200, 200, 200)))
    np.testing.assert_array_equal(fashion_mnist(image, (6, 6)), image[..., 0])
    image[3, 3, channel] -= 1
    for changed in (image, *[image[..., :3]] * (channel < 3)):
        assert fashion_mnist(changed, (6, 6)).all()  # trimmed and enlarged


def test_the_background_of_an_original_is_below_128():
    image = np.full((6, 6), 128, np.uint8)
    image[2, 2] = 0
    assert (fashion_mnist(image, (6, 6)) == WHITE).all()
    image[image > 0] = 127
    np.testing.assert_array_equal(fashion_mnist(image, (6, 6)), image)


@pytest.mark.parametrize(
    ("background", "garment", "value"),
    [
        (255, 55, 200),  # negated, as published
        (0, 55, 55),
        (205, 0, 255),  # black is 255 on any light background
        (55, 255, 255),
        (100, 20, 204),  # 255 * 80 / 100: darker than a dark background
        (155, 235, 204),  # 255 * 80 / 100: lighter than a light background
        (200, 155, 57),  # 57.375
    ],
)
def test_a_garment_is_trimmed_scaled_centred_and_normalised(background, garment, value):
    expected = np.zeros((4, 4), np.uint8)
    expected[:, 1:3] = value
    image = on_background(background, garment=(garment,) * 3)
    np.testing.assert_array_equal(fashion_mnist(image, (4, 4)), expected)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        *((np.full((50, 40), grey, np.uint8), "about the corners' colour") for grey in (0, 255)),
        (on_background(100, garment=(100, 81, 200)), "its grey is that of the background"),
    ],
)
def test_an_image_without_content_is_an_error(image, reason):
    with pytest.raises(ImageError, match=f"nothing on a plain background: .*{reason}"):
        fashion_mnist(image, (28, 28))
