"""Data augmentation: flip, shift and cutout of whole batches, in NumPy.

In and out: uint8 [count, height, width] or [count, height, width, channels]; the input stays
unchanged. All randomness comes from a `numpy.random.Generator` or from (image, epoch), so equal
seeds give equal pixels.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fashion.config.model import Augment


def augment(
    images: np.ndarray, indices: np.ndarray, epoch: int, config: Augment, rng: np.random.Generator
) -> np.ndarray:
    """Augment `images` as `config` says; `indices` (int [count]) are theirs in the training set."""
    if config.flip:
        images = flip(images, (indices + epoch) % 2 == 0)
    if config.shift:
        offsets = rng.integers(0, 2 * config.shift + 1, (2, len(images)))
        images = shift(images, offsets, config.shift)
    if config.cutout:
        height, width = images.shape[1:3]
        centres = rng.integers(0, [[height], [width]], (2, len(images)))
        images = cutout(images, centres, config.cutout)
    return images


def flip(images: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Mirror the images horizontally for which `mirrored` (bool [count]) is true.

    `augment` alternates by epoch, so two successive epochs see each image once as it is and once
    mirrored. Source: Jordan, "94% on CIFAR-10 in 3.29 Seconds", section 3.6,
    arxiv.org/abs/2404.00498.
    """
    return np.where(_spread(mirrored, images), images[:, :, ::-1], images)


def shift(images: np.ndarray, offsets: np.ndarray, margin: int) -> np.ndarray:
    """Pad each image by `margin` zeros on all sides, and crop it at `offsets` (int [2, count]).

    The offsets are those of the top and the left edge; offsets of `margin` leave the image
    unchanged. Source: He et al., section 4.2, arxiv.org/abs/1512.03385.
    """
    padded = np.pad(images, {1: margin, 2: margin})
    axes = tuple(range(1, images.ndim))
    crops = sliding_window_view(padded, images.shape[1:], axis=axes)
    return crops[np.arange(len(images)), *offsets].reshape(images.shape)


def cutout(images: np.ndarray, centres: np.ndarray, size: int) -> np.ndarray:
    """Set a square of side `size` around `centres` (int [2, count]) to the mean of all `images`.

    The square is clipped at the edges. Each channel has its own mean. Source: DeVries and Taylor,
    arxiv.org/abs/1708.04552.
    """
    height, width = images.shape[1:3]
    corners = centres - size // 2
    rows, columns = (
        np.arange(extent) - corner[:, None]
        for extent, corner in zip((height, width), corners, strict=True)
    )
    inside = [(steps >= 0) & (steps < size) for steps in (rows, columns)]
    erased = inside[0][:, :, None] & inside[1][:, None, :]
    mean = np.rint(images.mean(axis=(0, 1, 2))).astype(np.uint8)
    return np.where(_spread(erased, images), mean, images)


def _spread(mask: np.ndarray, images: np.ndarray) -> np.ndarray:
    """`mask` over the first axes of `images`, with axes of length 1 added for the others."""
    return mask.reshape(mask.shape + (1,) * (images.ndim - mask.ndim))
