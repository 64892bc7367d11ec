"""Images that are of no class, to which a classifier should say "none of these".

Three kinds are made of nothing, one is of handwritten digits (scikit-learn's copy of
archive.ics.uci.edu/dataset/80), and three are test images changed beyond recognition, or nearly.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

WHITE = 255
BATCH_NUMBERS = 1 << 21  # float64, that a batch of images is made of


def ood_images(test: np.ndarray, count: int, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """At most `count` images of each kind, some at a time: the kind's name, uint8 [some, *shape].

    `test` (uint8 [images, height, width], or with a last axis of channels) gives the shape, and the
    images that are changed. What is greyscale by nature is so in colour, too. The images do not
    depend on the size of a batch, and a kind's follow one another.
    """
    rng = np.random.default_rng(seed)
    shape = test.shape[1:]
    rows = np.sort(rng.permutation(len(test))[:count])
    for size in map(len, _batches(range(count), shape)):
        yield "noise", noise((size, *shape), rng)
    for size in map(len, _batches(range(count), shape)):
        yield "blobs", blobs((size, *shape), rng)
    direction, phase = rng.uniform(0, 2 * np.pi, (2, count))
    waves = np.stack([direction, phase, rng.uniform(1, 8, count)], axis=1)
    for some in _batches(waves, shape):
        yield "gratings", _in_channels(gratings(some, shape[:2]), shape)
    small = load_digits().images
    for some in _batches(small[np.sort(rng.permutation(len(small))[:count])], shape):
        yield "digits", _in_channels(digits(some, shape[:2]), shape)
    for some in _batches(rows, shape):
        yield "shuffled pixels", shuffled(test[some], rng)
    for some in _batches(rows, shape):
        yield "negative", WHITE - test[some]
    for some in _batches(rows, shape):
        yield "upside down", test[some, ::-1]


def _batches(items: np.ndarray | range, shape: tuple[int, ...]) -> Iterator[Any]:
    """The `items` of a kind, of as many images of `shape` at a time as memory is meant for."""
    size = max(1, BATCH_NUMBERS // prod(shape))
    return (items[start : start + size] for start in range(0, len(items), size))


def noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Each number from 0 to 255 equally often, one image after the other."""
    images = [rng.integers(0, WHITE + 1, shape[1:], dtype=np.uint8) for _ in range(shape[0])]
    return np.stack(images)  # drawn at once, rows would depend on how many there are


def blobs(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Noise blurred to spots of about a quarter of the image, in each channel."""
    sigma = min(shape[1:3]) / 8
    sigmas = (0, sigma, sigma) + (0,) * (len(shape) - 3)
    return _stretched(gaussian_filter(rng.normal(size=shape), sigmas))


def gratings(waves: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sine waves: `waves` has direction, phase and periods of each, float [images, 3]."""
    direction, phase, periods = waves.T[:, :, None, None]
    down, right = np.mgrid[: shape[0], : shape[1]] / max(shape)
    along = np.cos(direction) * right + np.sin(direction) * down
    return _stretched(np.sin(2 * np.pi * periods * along + phase))


def digits(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Handwritten digits, light on dark: `small` (float [images, 8, 8]) enlarged to `shape`."""
    factors = (1, shape[0] / small.shape[1], shape[1] / small.shape[2])
    return _stretched(zoom(small, factors, order=1))


def shuffled(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The pixels of each image in another order, in each channel."""
    count, height, width, *channels = images.shape
    pixels = images.reshape(count, height * width, *channels)
    return rng.permuted(pixels, axis=1).reshape(images.shape)


def _in_channels(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Greyscale `images` (uint8 [count, height, width]) in each channel of images of `shape`."""
    missing = 1 + len(shape) - images.ndim
    return np.broadcast_to(images.reshape(images.shape + (1,) * missing), (len(images), *shape))


def _stretched(images: np.ndarray) -> np.ndarray:
    """Each image from black to white."""
    axes = tuple(range(1, images.ndim))
    low, high = (end(images, axis=axes, keepdims=True) for end in (np.min, np.max))
    return np.rint((images - low) / (high - low) * WHITE).astype(np.uint8)
