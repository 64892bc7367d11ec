import numpy as np
import pytest

from fashion.config.model import Augment
from fashion.training.augmentation import adjust_colour, augment, cutout, rotate_and_crop, shift
from tests.conftest import UNCHANGED

IMAGES = np.random.default_rng(0).integers(1, 256, (6, 9, 7), dtype=np.uint8)
NOTHING = Augment.model_validate(UNCHANGED)
OF_GREYSCALE = NOTHING.model_copy(update={"flip": True, "shift": 2, "cutout": 3})
COLOURS = {"brightness": 0.2, "contrast": 0.3, "saturation": 0.4}
EVERYTHING = OF_GREYSCALE.model_copy(update={"rotation": 20.0, "scale": 0.3} | COLOURS)


def augmented(config, seed=0):
    return augment(IMAGES, np.arange(len(IMAGES)), 0, config, np.random.default_rng(seed))


def test_each_channel_is_augmented_like_a_greyscale_image():
    channels = [IMAGES, 255 - IMAGES]
    colour, *grey = (
        augment(images, np.arange(6), 0, OF_GREYSCALE, np.random.default_rng(0))
        for images in (np.stack(channels, axis=-1), *channels)
    )
    np.testing.assert_array_equal(colour, np.stack(grey, axis=-1))


def test_images_of_even_and_odd_index_are_mirrored_in_turn():
    config, indices = NOTHING.model_copy(update={"flip": True}), np.array([0, 2, 4, 1, 3, 5])
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


@pytest.mark.parametrize("images", [IMAGES[:, :7], np.stack([IMAGES[:, :7]] * 3, axis=-1)])
def test_a_quarter_turn_is_exact_and_a_window_moves_to_the_edge(images):
    turned = rotate_and_crop(images, np.full(6, 90.0), np.ones(6), np.zeros((2, 6)))
    np.testing.assert_array_equal(turned, np.rot90(images, axes=(2, 1)))
    corner = rotate_and_crop(images, np.zeros(6), np.full(6, 1 / 7), np.ones((2, 6)))
    assert (corner[:, 3:4, 3:4] == images[:, 6:, 6:]).all(), "the centre of the last pixel"


@pytest.mark.parametrize(("key", "value"), [("rotation", 30.0), ("scale", 0.5)])
def test_rotation_and_crops_reach_their_bounds_and_no_further(key, value):
    ramp = np.repeat(7 * np.mgrid[:33, :33][1][None].astype(np.uint8), 300, axis=0)
    config, rng = NOTHING.model_copy(update={key: value}), np.random.default_rng(0)
    changed = augment(ramp, np.arange(300), 0, config, rng).astype(float)
    right, down = changed[:, 16, 24] - changed[:, 16, 8], changed[:, 24, 16] - changed[:, 8, 16]
    angles, sides = np.degrees(np.arctan2(down, right)), np.hypot(right, down) / (7 * 16)
    found, other, bounds, step = angles, sides - 1, (-30, 30), 0.6
    if key == "scale":
        found, other, bounds, step = sides, angles, (0.5, 1), 0.02
    np.testing.assert_allclose([found.min(), found.max()], bounds, atol=step)
    np.testing.assert_allclose(other, 0, atol=step)
    starts = changed[:, 16, 0] / (7 * 33)
    assert key == "rotation" or (starts.min() < 0.02 and starts.max() > 0.4)


def test_brightness_contrast_and_saturation_change_what_they_say():
    colour, one = np.stack([IMAGES, 255 - IMAGES, IMAGES // 2], axis=-1) // 2, np.ones(6)
    luma = np.array([0.299, 0.587, 0.114])
    grey = (colour @ luma)[..., None]
    for factors, expected in (
        ((one, one, one), colour),
        ((1.5 * one, one, one), 1.5 * colour),
        ((one, 0.5 * one, one), grey.mean((1, 2, 3), keepdims=True) / 2 + colour / 2),
        ((one, one, 0 * one), np.broadcast_to(grey, colour.shape)),
    ):
        np.testing.assert_allclose(adjust_colour(colour, *factors), expected, atol=0.51)
    np.testing.assert_array_equal(adjust_colour(IMAGES, one, one, 0 * one), IMAGES)
    assert adjust_colour(IMAGES, 9 * one, one, one).max() == 255, "clipped"


def test_images_are_shifted_by_every_offset_and_no_other():
    config = NOTHING.model_copy(update={"shift": 2})
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
