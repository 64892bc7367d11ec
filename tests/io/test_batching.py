import numpy as np
import pytest

from fashion.io import batching
from fashion.io.batching import batch_size, in_batches

IMAGES = np.random.default_rng(0).integers(0, 256, (23, 6, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("shape", "max_size", "expected"),
    [
        ((28, 28), 64, 64),
        ((28, 28), 5000, 512),
        ((28, 28, 3), 500, 256),
        ((224, 224, 3), 500, 8),
        ((56, 28), 500, 256),
        ((2000, 2000, 3), 500, 1),
        ((1280,), 512, 256),
    ],
)
def test_a_batch_has_at_most_as_many_pixels_as_512_images_of_fashion_mnist(
    shape, max_size, expected
):
    assert batch_size(shape, max_size) == expected


@pytest.mark.parametrize("indices", [None, np.array([4, 4, 22, 0, 7])])
def test_batches_are_all_images_in_order(monkeypatch, indices):
    monkeypatch.setattr(batching, "MAX_PIXELS", 4 * 6 * 5)
    batches = list(in_batches(IMAGES, 500, indices))
    sizes = [4, 4, 4, 4, 4, 2, 1] if indices is None else [4, 1]
    assert [len(batch) for batch in batches] == sizes
    assert all(batch.flags.c_contiguous for batch in batches)
    expected = IMAGES if indices is None else IMAGES[indices]
    np.testing.assert_array_equal(np.concatenate(batches), expected)
