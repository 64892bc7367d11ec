"""Distance of images to the nearest training images, in the feature space of a network.

The bank is a sample of the training images, the references. The score of an image is the mean
distance of its features to those of the k nearest references. Features are compared after a signed
square root and normalization to unit length, so that a few strong features do not hide the others.
Sources: Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors",
arxiv.org/abs/2204.06507; for the square root Perronnin et al., "Improving the Fisher Kernel for
Large-Scale Image Classification", 2010.
"""

from typing import NamedTuple, Self

import numpy as np

LEVELS = 255
MIN_CODE = -128
MIN_NORM = 1e-12  # avoids a division by zero if all features are zero


class Bank(NamedTuple):
    """The features of the reference images, normalized and quantized to one byte each.

    The value of a code is `(code - zero_point) * scale`, as in the ONNX operator DequantizeLinear.

    Attributes:
        indices: int64 [size], indices of the reference images among the training images.
        codes: int8 [size, width].
        scale: float32 [width].
        zero_point: int8 [width].
    """

    indices: np.ndarray
    codes: np.ndarray
    scale: np.ndarray
    zero_point: np.ndarray

    @classmethod
    def from_features(cls, features: np.ndarray, indices: np.ndarray) -> Self:
        """Make a bank of training images from `indices` and `features`, float32 [size, width]."""
        return cls(indices, *quantize(normalize(features)))

    def values(self) -> np.ndarray:
        """The dequantized features of the references, normalized: float64 [size, width]."""
        return (self.codes - self.zero_point.astype(np.float64)) * self.scale

    def distances(self, features: np.ndarray, k: int) -> np.ndarray:
        """Mean Euclidean distance, float64 [count], to the `k` nearest references.

        `features` is float32 [count, width]. If the bank has fewer than `k` references, all are
        used.
        """
        query, references = normalize(features), self.values()
        squares = (query**2).sum(axis=1)[:, None] + (references**2).sum(axis=1)
        squared = np.maximum(squares - 2 * (query @ references.T), 0)
        nearest = np.partition(squared, min(k, len(references)) - 1, axis=1)[:, :k]
        return np.sqrt(nearest).mean(axis=1)


def sample_per_class(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Draw `count` images, equally many of each class, and return their indices (int64, ascending).

    `labels` is uint8 [images]. If `count` is not a multiple of the number of classes, the first
    classes give one more. A class with too few images gives all of them, so the result is shorter.
    """
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    share, remainder = divmod(count, len(classes))
    drawn = [
        rng.permutation(np.flatnonzero(labels == label))[: share + (order < remainder)]
        for order, label in enumerate(classes)
    ]
    return np.sort(np.concatenate(drawn))


def normalize(features: np.ndarray) -> np.ndarray:
    """Signed square roots of `features` (float32 [count, width]), with rows of unit length.

    Returns float64, whose last bits, which depend on the processor, are far below what is reported.
    """
    roots = np.sign(features) * np.sqrt(np.abs(features, dtype=np.float64))
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    return roots / np.maximum(lengths, MIN_NORM)


def quantize(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantize each column of `values` (float64 [count, width]) to 255 equal steps of its range.

    Returns codes (int8 [count, width]), scale (float32 [width]) and zero point (int8 [width]).
    Zero is exact, since most features after a ReLU are zero.
    """
    low, high = values.min(axis=0).clip(max=0), values.max(axis=0).clip(min=0)
    scale = np.where(high > low, (high - low) / LEVELS, 1).astype(np.float32)
    zero_point = np.rint(MIN_CODE - low / scale)
    codes = np.clip(np.rint(values / scale) + zero_point, MIN_CODE, MIN_CODE + LEVELS)
    return codes.astype(np.int8), scale, zero_point.astype(np.int8)
