"""Images that are of no class, to which a classifier should say "none of these".

Three kinds are made of nothing, one is of handwritten digits (scikit-learn's copy of
archive.ics.uci.edu/dataset/80), and three are test images changed beyond recognition, or nearly.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

WHITE = 255


def unlike_images(test: np.ndarray, count: int, seed: int) -> dict[str, np.ndarray]:
    """At most `count` images of each kind, by its name: uint8 [images, height, width].

    `test` (uint8 [images, height, width]) gives the size, and the images that are changed.
    """
    rng = np.random.default_rng(seed)
    shape = (count, *test.shape[1:])
    chosen = test[np.sort(rng.permutation(len(test))[:count])]
    return {
        "noise": rng.integers(0, WHITE + 1, shape, dtype=np.uint8),
        "blobs": blobs(shape, rng),
        "gratings": gratings(shape, rng),
        "digits": digits(shape, rng),
        "shuffled pixels": rng.permuted(chosen.reshape(len(chosen), -1), axis=1).reshape(
            chosen.shape
        ),
        "negative": WHITE - chosen,
        "upside down": chosen[:, ::-1],
    }


def blobs(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Noise blurred to spots of about a quarter of the image."""
    sigma = min(shape[1:]) / 8
    return _stretched(gaussian_filter(rng.normal(size=shape), (0, sigma, sigma)))


def gratings(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Sine waves of one to eight periods in any direction."""
    count, height, width = shape
    direction, phase = rng.uniform(0, 2 * np.pi, (2, count, 1, 1))
    periods = rng.uniform(1, 8, (count, 1, 1))
    down, right = np.mgrid[:height, :width] / max(height, width)
    along = np.cos(direction) * right + np.sin(direction) * down
    return _stretched(np.sin(2 * np.pi * periods * along + phase))


def digits(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Handwritten digits, light on dark, enlarged from 8x8 pixels."""
    count, height, width = shape
    small = load_digits().images
    chosen = small[np.sort(rng.permutation(len(small))[:count])]
    factors = (1, height / chosen.shape[1], width / chosen.shape[2])
    return _stretched(zoom(chosen, factors, order=1))


def _stretched(images: np.ndarray) -> np.ndarray:
    """Each image from black to white."""
    low, high = (end(images, axis=(1, 2), keepdims=True) for end in (np.min, np.max))
    return np.rint((images - low) / (high - low) * WHITE).astype(np.uint8)
