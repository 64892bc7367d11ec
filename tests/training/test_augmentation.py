import numpy as np
import pytest

from fashion.config.model import Augment
from fashion.training.augmentation import augment, cutout, shift

IMAGES = np.random.default_rng(0).integers(1, 256, (6, 9, 7), dtype=np.uint8)
EVERYTHING = Augment(flip=True, shift=2, cutout=3)
NOTHING = Augment(flip=False, shift=0, cutout=0)


def augmented(config, seed=0):
    return augment(IMAGES, np.arange(len(IMAGES)), 0, config, np.random.default_rng(seed))


def test_each_channel_is_augmented_like_a_greyscale_image():
    channels = [IMAGES, 255 - IMAGES]
    colour, *grey = (
        augment(images, np.arange(6), 0, EVERYTHING, np.random.default_rng(0))
        for images in (np.stack(channels, axis=-1), *channels)
    )
    np.testing.assert_array_equal(colour, np.stack(grey, axis=-1))


def test_images_of_even_and_odd_index_are_mirrored_in_turn():
    config, indices = Augment(flip=True, shift=0, cutout=0), np.array([0, 2, 4, 1, 3, 5])
    for epoch in (0, 1):
        mirrored = augment(IMAGES, indices, epoch, config, np.random.default_rng(0))
        expected = IMAGES.copy()
        is_mirrored = indices % 2 == epoch
        expected[is_mirrored] = IMAGES[is_mirrored, :, ::-1]
        np.testing.assert_array_equal(mirrored, expected)


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


@pytest.mark.parametrize(
    ("row", "column", "rows", "columns"),
    [(4, 3, slice(3, 6), slice(2, 5)), (0, 6, slice(0, 2), slice(5, 7))],
    ids=["inside", "at the edges"],
)
def test_cutout_erases_a_square_and_nothing_else(row, column, rows, columns):
    expected = IMAGES.copy()
    expected[:, rows, columns] = round(IMAGES.mean())
    erased = cutout(IMAGES, np.array([[row] * 6, [column] * 6]), size=3)
    np.testing.assert_array_equal(erased, expected)


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
