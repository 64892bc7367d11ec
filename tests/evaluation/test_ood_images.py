"""Images of no class are what their names say."""

import numpy as np
import pytest

from fashion.evaluation.ood_images import ood_images

TEST = np.random.default_rng(1).integers(0, 256, (30, 16, 24), dtype=np.uint8)


def made(test, count):
    return dict(ood_images(test, count, seed=0))


def large(count, *shape):
    """Many images of no class, from which to estimate."""
    return made(np.zeros((count, *shape), np.uint8), count)


GREY = made(TEST, 25)
COLOUR = made(np.stack([TEST, TEST[::-1], 255 - TEST], axis=-1), 25)
MADE = ("blobs", "gratings", "digits")


@pytest.mark.parametrize(("kinds", "shape"), [(GREY, (16, 24)), (COLOUR, (16, 24, 3))])
def test_there_are_as_many_as_asked_for_of_the_shape_of_an_image(kinds, shape):
    assert {(images.shape, str(images.dtype)) for images in kinds.values()} == {
        ((25, *shape), "uint8")
    }


def test_what_is_greyscale_by_nature_is_so_in_colour():
    for kind in ("gratings", "digits"):
        assert (COLOUR[kind] == COLOUR[kind][..., :1]).all()
    for kind in ("noise", "blobs"):
        assert (COLOUR[kind] != COLOUR[kind][..., :1]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("kinds", [GREY, COLOUR])
def test_made_images_go_from_black_to_white(kinds):
    for kind in MADE:
        axes = tuple(range(1, kinds[kind].ndim))
        assert (kinds[kind].min(axis=axes) == 0).all()
        assert (kinds[kind].max(axis=axes) == 255).all()


def test_noise_has_every_grey_equally_often():
    many = large(40, 64, 64)["noise"]
    counts = np.bincount(many.ravel(), minlength=256)
    assert counts.min() > 0.75 * many.size / 256


def neighbours(images):
    """The mean difference of pixels side by side, across and down."""
    values = images.astype(int)
    return tuple(np.abs(np.diff(values, axis=axis)).mean() for axis in (2, 1))


@pytest.mark.parametrize("shape", [(400, 32, 48), (130, 48, 32, 3)])
def test_blobs_are_noise_blurred_by_an_eighth_of_the_shorter_side(shape):
    """Squared differences of pixels d apart grow as 1 - exp(-(d / (2 * sigma)) ** 2)."""
    many = large(*shape)["blobs"].astype(float)
    expected = (1 - np.exp(-1 / 4)) / (1 - np.exp(-1))
    for values in (many, many.swapaxes(1, 2)):
        near, far = (np.square(values[:, d:] - values[:, :-d]).mean() for d in (4, 8))
        assert near / far == pytest.approx(expected, rel=0.045)  # edges add a little


def test_blobs_of_different_channels_have_nothing_in_common():
    colours = COLOUR["blobs"].reshape(-1, 3)
    assert np.abs(np.corrcoef(colours.T)[np.triu_indices(3, 1)]).max() < 0.3


def test_gratings_are_waves_of_one_to_eight_periods_in_every_direction():
    waves = large(400, 64, 64)["gratings"].astype(float)
    centred = waves - waves.mean(axis=(1, 2), keepdims=True)
    spectra = np.abs(np.fft.rfft2(centred)).reshape(400, -1)
    rows, right = np.unravel_index(spectra.argmax(axis=1), (64, 33))
    down = np.where(rows > 32, rows - 64, rows)
    periods = np.hypot(down, right)
    assert periods.max() <= 8.5
    assert np.histogram(periods, bins=4, range=(0.5, 8.5))[0].min() > 70
    directions = np.arctan2(down, right)[periods > 3] % np.pi
    for low in (0.1, 1.1, 2.1):
        assert ((low < directions) & (directions < low + 0.9)).mean() > 0.8 * 0.9 / np.pi


def test_digits_are_enlarged_to_the_whole_image():
    rows, columns = (GREY["digits"].max(axis=(0, axis)) for axis in (2, 1))
    assert (rows > 100).all()  # digits go from the upper edge to the lower one
    assert (columns > 100).sum() > 16
    dark = GREY["digits"] < 128
    assert dark.mean() > 0.5
    assert max(neighbours(GREY["digits"])) < 50


def test_changed_images_are_those_of_the_test_in_order():
    few = made(TEST, 5)
    original = 255 - few["negative"]
    places = [int(np.flatnonzero((image == TEST).all(axis=(1, 2)))[0]) for image in original]
    assert places == sorted(places)
    np.testing.assert_array_equal(few["upside down"], original[:, ::-1])
    for changed, image in zip(few["shuffled pixels"], original, strict=True):
        assert sorted(changed.ravel()) == sorted(image.ravel())
        assert (changed != image).mean() > 0.9
    pixels = COLOUR["shuffled pixels"]
    assert (
        np.sort(pixels[..., 0], axis=None) == np.sort(255 - COLOUR["negative"][..., 0], axis=None)
    ).all()
