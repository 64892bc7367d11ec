import hashlib
import tracemalloc

import numpy as np
import pytest

from fashion.evaluation import ood_images as module
from fashion.evaluation.ood_images import ood_images

RNG = np.random.default_rng(0)
TEST = RNG.integers(0, 256, (30, 16, 24), dtype=np.uint8)


def datasets(test=TEST, count=25, seed=0):
    found = {}
    for name, images in ood_images(test, count, seed):
        found.setdefault(name, []).append(images)
    return {name: np.concatenate(batches) for name, batches in found.items()}


GREY = datasets()
COLOUR = datasets(np.stack([TEST, TEST[::-1], 255 - TEST], axis=-1))


@pytest.mark.parametrize(("found", "shape"), [(GREY, (16, 24)), (COLOUR, (16, 24, 3))])
def test_seven_data_sets_of_different_images(found, shape):
    assert len(found) == 7
    for images in found.values():
        assert (images.shape, images.dtype) == ((25, *shape), np.uint8)
        assert len(np.unique(images, axis=0)) == 25


def test_images_follow_from_the_seed():
    other = datasets(seed=1)
    for name, images in datasets().items():
        np.testing.assert_array_equal(images, GREY[name])
        assert (images != other[name]).any()


def test_changed_images_are_test_images_in_order():
    found = datasets(count=1000)  # more than there are
    np.testing.assert_array_equal(255 - found["negative"], TEST)
    np.testing.assert_array_equal(found["upside down"], TEST[:, ::-1])
    pixels = [np.sort(images.reshape(30, -1)) for images in (found["shuffled pixels"], TEST)]
    np.testing.assert_array_equal(*pixels)
    assert (found["shuffled pixels"] != TEST).any()


@pytest.mark.parametrize("found", [GREY, COLOUR])
@pytest.mark.parametrize("name", ["blobs", "gratings", "digits"])
def test_synthetic_images_go_from_black_to_white(found, name):
    axes = tuple(range(1, found[name].ndim))
    assert (found[name].min(axis=axes) == 0).all()
    assert (found[name].max(axis=axes) == 255).all()


def test_gratings_and_digits_are_grey_in_colour():
    for name in ("gratings", "digits"):
        assert (COLOUR[name] == COLOUR[name][..., :1]).all()
    for name in ("noise", "blobs"):
        assert (COLOUR[name] != COLOUR[name][..., :1]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("shape", [(20, 24), (9, 31, 3)])
def test_images_do_not_depend_on_the_batch_size(monkeypatch, shape):
    test = RNG.integers(0, 256, (30, *shape), dtype=np.uint8)
    expected = datasets(test)
    monkeypatch.setattr(module, "BATCH_VALUES", 4 * int(np.prod(shape)))
    assert max(len(images) for _, images in ood_images(test, 25, seed=0)) == 4
    for name, images in datasets(test).items():
        np.testing.assert_array_equal(images, expected[name])


def test_published_figures_stay_comparable():
    """The images behind the committed results: exact where only integers are drawn."""
    test = np.random.default_rng(7).integers(0, 256, (1200, 28, 28), dtype=np.uint8)
    found = datasets(test, 1000)
    exact = [found[name].tobytes() for name in ("noise", "shuffled pixels", "negative")]
    assert hashlib.sha256(b"".join(exact)).hexdigest()[:12] == "188a81df6423"
    means = [found[name][7].mean() for name in ("blobs", "gratings", "digits", "upside down")]
    assert means == pytest.approx([129.9, 128.3, 100.7, 127.3], abs=0.1)


def test_memory_does_not_grow_with_the_number_of_large_images():
    test = np.zeros((3, 224, 224, 3), np.uint8)
    peaks = {}
    for count in (20, 80):
        tracemalloc.start()
        for _ in ood_images(test, count, seed=0):
            pass
        peaks[count] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    assert peaks[80] < 1.1 * peaks[20] < 250  # MB; 80 images as float64 are 96 MB
