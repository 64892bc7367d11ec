import numpy as np
import pytest

from fashion.config.model import Augment
from fashion.training.augmentation import augment, cutout, shift

IMAGES = np.random.default_rng(0).integers(1, 256, (6, 9, 7), dtype=np.uint8)
EVERYTHING = Augment(flip=True, shift=2, cutout=3)
NOTHING = Augment(flip=False, shift=0, cutout=0)


def augmented(config, epoch=0, seed=0):
    indices = np.arange(len(IMAGES))
    return augment(IMAGES, indices, epoch, config, np.random.default_rng(seed))


@pytest.mark.parametrize("config", [EVERYTHING, NOTHING])
def test_each_channel_is_augmented_like_a_greyscale_image(config):
    channels = [IMAGES, 255 - IMAGES]
    images = np.stack(channels, axis=-1)
    whole = config.model_copy(update={"cutout": 0})
    colour, uncut, *grey = (
        augment(values, np.arange(6), 0, settings, np.random.default_rng(0))
        for values, settings in [
            (images, config),
            (images, whole),
            *((channel, config) for channel in channels),
        ]
    )
    is_erased = (colour != uncut).all(axis=-1)
    for channel, expected in zip(np.moveaxis(colour, -1, 0), grey, strict=True):
        np.testing.assert_array_equal(channel, expected)
    assert is_erased.any() == bool(config.cutout)


def test_even_and_odd_images_are_mirrored_in_turn():
    config = Augment(flip=True, shift=0, cutout=0)
    for epoch in (0, 1):
        expected = IMAGES.copy()
        expected[epoch::2] = IMAGES[epoch::2, :, ::-1]
        np.testing.assert_array_equal(augmented(config, epoch), expected)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (1, -2), (-2, 2)])
def test_shift_moves_pixels_and_fills_with_zeros(down, right):
    offsets = np.array([[2 - down] * 6, [2 - right] * 6])
    shifted = shift(IMAGES, offsets, margin=2)
    expected = np.zeros_like(IMAGES)
    rows, columns = np.mgrid[0:9, 0:7]
    inside = (rows - down >= 0) & (rows - down < 9) & (columns - right >= 0) & (columns - right < 7)
    source = IMAGES[:, np.clip(rows - down, 0, 8), np.clip(columns - right, 0, 6)]
    expected[:, inside] = source[:, inside]
    np.testing.assert_array_equal(shifted, expected)


def test_cutout_erases_a_square_and_nothing_else():
    expected = IMAGES.copy()
    expected[:, 3:6, 2:5] = round(IMAGES.mean())
    np.testing.assert_array_equal(cutout(IMAGES, np.array([[4] * 6, [3] * 6]), size=3), expected)


def test_cutout_is_clipped_at_the_edges():
    expected = IMAGES.copy()
    expected[:, :2, 4:] = round(IMAGES.mean())
    np.testing.assert_array_equal(cutout(IMAGES, np.array([[0] * 6, [6] * 6]), size=4), expected)


def test_every_pixel_can_be_the_centre_of_a_cutout():
    config = Augment(flip=False, shift=0, cutout=1)
    images = np.repeat(np.uint8([0, 255]), 100)[:, None, None] * np.ones((4, 3), np.uint8)
    erased = augment(images, np.arange(200), 0, config, np.random.default_rng(0)) != images
    assert (erased.sum(axis=(1, 2)) == 1).all()
    assert erased.any(axis=0).all()


def test_images_are_shifted_by_every_offset_and_no_other():
    config = Augment(flip=False, shift=2, cutout=0)
    image = np.zeros((1, 9, 9), np.uint8)
    image[0, 4, 4] = 1
    batch = np.repeat(image, 500, axis=0)
    rng = np.random.default_rng(0)
    moved = augment(batch, np.arange(500), 0, config, rng)
    offsets = {(int(row) - 4, int(column) - 4) for _, row, column in np.argwhere(moved)}
    assert offsets == {(row, column) for row in range(-2, 3) for column in range(-2, 3)}


def test_equal_seeds_give_equal_pixels_and_others_do_not():
    np.testing.assert_array_equal(augmented(EVERYTHING), augmented(EVERYTHING))
    assert (augmented(EVERYTHING) != augmented(EVERYTHING, seed=1)).any()


@pytest.mark.parametrize("config", [EVERYTHING, NOTHING])
def test_the_input_stays_unchanged(config):
    before = IMAGES.copy()
    changed = augmented(config)
    np.testing.assert_array_equal(IMAGES, before)
    assert (changed.shape, changed.dtype) == (IMAGES.shape, np.uint8)
    assert (changed == IMAGES).all() == (config is NOTHING)
