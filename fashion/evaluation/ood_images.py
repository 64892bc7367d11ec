"""Images that show none of the classes, to test out-of-distribution (OOD) detection with.

Three data sets are synthetic, one has handwritten digits (scikit-learn's copy of
archive.ics.uci.edu/dataset/80), and three are test images that were changed.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

WHITE = 255
BATCH_VALUES = 1 << 21  # pixels times channels; they are float64 for a while


def ood_images(test: np.ndarray, count: int, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of a data set and a batch of its images, uint8 [batch, *shape].

    `test` (uint8 [images, height, width], in colour with a last axis of 3) gives the shape and the
    images to change. Each data set has at most `count` images, in consecutive batches; they do not
    depend on the batch size.
    """
    rng = np.random.default_rng(seed)
    shape = test.shape[1:]
    indices = np.sort(rng.permutation(len(test))[:count])
    for size in map(len, _batches(range(count), shape)):
        yield "noise", noise((size, *shape), rng)
    for size in map(len, _batches(range(count), shape)):
        yield "blobs", blobs((size, *shape), rng)
    direction, phase = rng.uniform(0, 2 * np.pi, (2, count))
    waves = np.stack([direction, phase, rng.uniform(1, 8, count)], axis=1)
    for batch in _batches(waves, shape):
        yield "gratings", _in_channels(gratings(batch, shape[:2]), shape)
    small = load_digits().images
    for batch in _batches(small[np.sort(rng.permutation(len(small))[:count])], shape):
        yield "digits", _in_channels(digits(batch, shape[:2]), shape)
    for batch in _batches(indices, shape):
        yield "shuffled pixels", shuffled(test[batch], rng)
    for batch in _batches(indices, shape):
        yield "negative", WHITE - test[batch]
    for batch in _batches(indices, shape):
        yield "upside down", test[batch, ::-1]


def _batches(items: np.ndarray | range, shape: tuple[int, ...]) -> Iterator[Any]:
    size = max(1, BATCH_VALUES // prod(shape))
    return (items[start : start + size] for start in range(0, len(items), size))


def noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Uniform random values for each pixel and channel."""
    images = [rng.integers(0, WHITE + 1, shape[1:], dtype=np.uint8) for _ in range(shape[0])]
    return np.stack(images)  # drawn in one call, the images would depend on the batch size


def blobs(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Noise blurred to spots of about a quarter of the image, in each channel."""
    sigma = min(shape[1:3]) / 8
    sigmas = (0, sigma, sigma) + (0,) * (len(shape) - 3)
    return _stretched(gaussian_filter(rng.normal(size=shape), sigmas))


def gratings(waves: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sine waves; `waves`, float [images, 3], has the direction, phase and number of periods."""
    direction, phase, periods = waves.T[:, :, None, None]
    down, right = np.mgrid[: shape[0], : shape[1]] / max(shape)
    along = np.cos(direction) * right + np.sin(direction) * down
    return _stretched(np.sin(2 * np.pi * periods * along + phase))


def digits(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Handwritten digits, light on dark: `small`, float [images, 8, 8], enlarged to `shape`."""
    factors = (1, shape[0] / small.shape[1], shape[1] / small.shape[2])
    return _stretched(zoom(small, factors, order=1))


def shuffled(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The pixels of each image in random order, in each channel."""
    count, height, width, *channels = images.shape
    pixels = images.reshape(count, height * width, *channels)
    return rng.permuted(pixels, axis=1).reshape(images.shape)


def _in_channels(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Repeat greyscale `images` (uint8 [count, height, width]) in each channel of `shape`."""
    missing = 1 + len(shape) - images.ndim
    return np.broadcast_to(images.reshape(images.shape + (1,) * missing), (len(images), *shape))


def _stretched(images: np.ndarray) -> np.ndarray:
    """Stretch the values of each image to 0 to 255."""
    axes = tuple(range(1, images.ndim))
    low, high = (end(images, axis=axes, keepdims=True) for end in (np.min, np.max))
    return np.rint((images - low) / (high - low) * WHITE).astype(np.uint8)
