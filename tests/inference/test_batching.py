import numpy as np
import pytest

from fashion.inference import batching
from fashion.inference.batching import batch_size, in_batches

IMAGES = np.random.default_rng(0).integers(0, 256, (23, 6, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("shape", "max_size", "expected"),
    [
        ((28, 28), 64, 64),
        ((28, 28), 5000, 500),
        ((28, 28, 3), 500, 500),
        ((224, 224, 3), 500, 7),
        ((56, 28), 500, 250),
        ((2000, 2000, 3), 500, 1),
    ],
)
def test_a_batch_has_at_most_as_many_pixels_as_500_images_of_fashion_mnist(
    shape, max_size, expected
):
    assert batch_size(shape, max_size) == expected


@pytest.mark.parametrize("indices", [None, np.array([4, 4, 22, 0, 7])])
def test_batches_are_all_images_in_order(monkeypatch, indices):
    monkeypatch.setattr(batching, "MAX_PIXELS", 4 * 6 * 5)
    batches = list(in_batches(IMAGES, 500, indices))
    assert [len(batch) for batch in batches[:-1]] == [4] * (len(batches) - 1)
    assert all(batch.flags.c_contiguous for batch in batches)
    expected = IMAGES if indices is None else IMAGES[indices]
    np.testing.assert_array_equal(np.concatenate(batches), expected)
