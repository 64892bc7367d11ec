"""Images that show none of the classes, to test out-of-distribution (OOD) detection with.

Three datasets are synthetic. One has handwritten digits (scikit-learn's copy of
archive.ics.uci.edu/dataset/80). Three are altered test images.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

WHITE = 255
BATCH_VALUES = 1 << 21  # pixels times channels of a batch, which limits the float64 arrays


def ood_images(test_images: np.ndarray, count: int, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of a dataset and a batch of its images, uint8 [batch, *shape].

    `test_images` is uint8 [images, height, width] or [images, height, width, 3]. All images have
    its shape, and three datasets are made from it. Each dataset has at most `count` images, in
    consecutive batches. The images do not depend on the batch size.
    """
    rng = np.random.default_rng(seed)
    shape = test_images.shape[1:]
    indices = np.sort(rng.permutation(len(test_images))[:count])
    for size in map(len, _batches(range(count), shape)):
        yield "noise", noise((size, *shape), rng)
    for size in map(len, _batches(range(count), shape)):
        yield "blobs", blobs((size, *shape), rng)
    direction, phase = rng.uniform(0, 2 * np.pi, (2, count))
    waves = np.stack([direction, phase, rng.uniform(1, 8, count)], axis=1)
    for batch in _batches(waves, shape):
        yield "gratings", _repeat_channels(gratings(batch, shape[:2]), shape)
    digits_8x8 = load_digits().images
    for batch in _batches(digits_8x8[np.sort(rng.permutation(len(digits_8x8))[:count])], shape):
        yield "digits", _repeat_channels(digits(batch, shape[:2]), shape)
    for batch in _batches(indices, shape):
        yield "shuffled pixels", shuffle_pixels(test_images[batch], rng)
    for batch in _batches(indices, shape):
        yield "negative", WHITE - test_images[batch]
    for batch in _batches(indices, shape):
        yield "upside down", test_images[batch, ::-1]


def _batches(items: np.ndarray | range, shape: tuple[int, ...]) -> Iterator[Any]:
    size = max(1, BATCH_VALUES // prod(shape))
    return (items[start : start + size] for start in range(0, len(items), size))


def noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Uniform random values for each pixel and channel."""
    images = [rng.integers(0, WHITE + 1, shape[1:], dtype=np.uint8) for _ in range(shape[0])]
    return np.stack(images)  # one draw per image, so the images do not depend on the batch size


def blobs(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Noise blurred to spots of about a quarter of the image, in each channel."""
    sigma = min(shape[1:3]) / 8
    sigmas = (0, sigma, sigma) + (0,) * (len(shape) - 3)
    return _rescale(gaussian_filter(rng.normal(size=shape), sigmas))


def gratings(waves: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sine waves; `waves`, float [images, 3], has the direction, phase and number of periods."""
    direction, phase, periods = waves.T[:, :, None, None]
    down, right = np.mgrid[: shape[0], : shape[1]] / max(shape)
    along = np.cos(direction) * right + np.sin(direction) * down
    return _rescale(np.sin(2 * np.pi * periods * along + phase))


def digits(digits_8x8: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Enlarge handwritten digits, float [images, 8, 8], light on dark, to `shape`."""
    factors = (1, shape[0] / digits_8x8.shape[1], shape[1] / digits_8x8.shape[2])
    return _rescale(zoom(digits_8x8, factors, order=1))


def shuffle_pixels(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shuffle the pixels of each image, in each channel separately."""
    count, height, width, *channels = images.shape
    pixels = images.reshape(count, height * width, *channels)
    return rng.permuted(pixels, axis=1).reshape(images.shape)


def _repeat_channels(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Repeat greyscale `images` (uint8 [count, height, width]) in each channel of `shape`."""
    missing = 1 + len(shape) - images.ndim
    return np.broadcast_to(images.reshape(images.shape + (1,) * missing), (len(images), *shape))


def _rescale(images: np.ndarray) -> np.ndarray:
    """Rescale each image linearly, so that its values span 0 to 255: uint8."""
    axes = tuple(range(1, images.ndim))
    low, high = (limit(images, axis=axes, keepdims=True) for limit in (np.min, np.max))
    return np.rint((images - low) / (high - low) * WHITE).astype(np.uint8)
