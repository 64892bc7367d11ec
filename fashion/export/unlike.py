"""Images that are of no class, to which a classifier should say "none of these".

Three kinds are made of nothing, one is of handwritten digits (scikit-learn's copy of
archive.ics.uci.edu/dataset/80), and three are test images changed beyond recognition, or nearly.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

WHITE = 255


def unlike_images(test: np.ndarray, count: int, seed: int) -> dict[str, np.ndarray]:
    """At most `count` images of each kind, by its name: uint8 [images, *shape].

    `test` (uint8 [images, height, width], or with a last axis of channels) gives the shape, and the
    images that are changed. What is greyscale by nature is so in colour, too.
    """
    rng = np.random.default_rng(seed)
    shape = (count, *test.shape[1:])
    chosen = test[np.sort(rng.permutation(len(test))[:count])]
    return {
        "noise": rng.integers(0, WHITE + 1, shape, dtype=np.uint8),
        "blobs": blobs(shape, rng),
        "gratings": _in_channels(gratings(shape[:3], rng), shape),
        "digits": _in_channels(digits(shape[:3], rng), shape),
        "shuffled pixels": shuffled(chosen, rng),
        "negative": WHITE - chosen,
        "upside down": chosen[:, ::-1],
    }


def blobs(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Noise blurred to spots of about a quarter of the image, in each channel."""
    sigma = min(shape[1:3]) / 8
    sigmas = (0, sigma, sigma) + (0,) * (len(shape) - 3)
    return _stretched(gaussian_filter(rng.normal(size=shape), sigmas))


def gratings(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Sine waves of one to eight periods in any direction."""
    count, height, width = shape
    direction, phase = rng.uniform(0, 2 * np.pi, (2, count, 1, 1))
    periods = rng.uniform(1, 8, (count, 1, 1))
    down, right = np.mgrid[:height, :width] / max(height, width)
    along = np.cos(direction) * right + np.sin(direction) * down
    return _stretched(np.sin(2 * np.pi * periods * along + phase))


def digits(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Handwritten digits, light on dark, enlarged from 8x8 pixels."""
    count, height, width = shape
    small = load_digits().images
    chosen = small[np.sort(rng.permutation(len(small))[:count])]
    factors = (1, height / chosen.shape[1], width / chosen.shape[2])
    return _stretched(zoom(chosen, factors, order=1))


def shuffled(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The pixels of each image in another order, in each channel."""
    count, height, width, *channels = images.shape
    pixels = images.reshape(count, height * width, *channels)
    return rng.permuted(pixels, axis=1).reshape(images.shape)


def _in_channels(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Greyscale `images` (uint8 [count, height, width]) in each channel of images of `shape`."""
    missing = len(shape) - images.ndim
    return np.broadcast_to(images.reshape(images.shape + (1,) * missing), (len(images), *shape[1:]))


def _stretched(images: np.ndarray) -> np.ndarray:
    """Each image from black to white."""
    axes = tuple(range(1, images.ndim))
    low, high = (end(images, axis=axes, keepdims=True) for end in (np.min, np.max))
    return np.rint((images - low) / (high - low) * WHITE).astype(np.uint8)
