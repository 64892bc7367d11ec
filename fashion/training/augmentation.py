"""Data augmentation: flip, rotation, crop, colour, shift and cutout of whole batches.

In and out: uint8 [count, height, width] or [count, height, width, channels]; the input stays
unchanged. All randomness comes from a `numpy.random.Generator` or from (image, epoch), so equal
seeds give equal pixels.
"""

import numpy as np
import tensorflow as tf
from numpy.lib.stride_tricks import sliding_window_view

from fashion.config.model import Augment

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601: shares of red, green and blue in the grey value
DECIMALS = 6  # rounded, so that the last bits of sines do not affect the pixels


def augment(
    images: np.ndarray, indices: np.ndarray, epoch: int, config: Augment, rng: np.random.Generator
) -> np.ndarray:
    """Augment `images` as `config` says; `indices` (int [count]) are theirs in the training set."""
    if config.flip:
        images = flip(images, (indices + epoch) % 2 == 0)
    if config.rotation or config.scale:
        drawn = rng.uniform(-1, 1, (4, len(images)))
        sides = 1 - config.scale * (1 + drawn[1]) / 2
        images = rotate_and_crop(images, drawn[0] * config.rotation, sides, drawn[2:])
    jitter = np.array([[config.brightness], [config.contrast], [config.saturation]])
    if jitter.any():
        images = adjust_colour(images, *(1 + jitter * rng.uniform(-1, 1, (3, len(images)))))
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


def rotate_and_crop(
    images: np.ndarray, degrees: np.ndarray, sides: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Turn each image clockwise by `degrees` (float [count]), and enlarge a window of it.

    Height and width of the window are the fraction `sides` (float [count], up to 1) of those of the
    image. `offsets` (float [2, count], x and y, -1 to 1) move it from the centre, at most to the
    edges. Pixels are interpolated; outside the image, those of its border are repeated.
    Source, with windows of one aspect ratio: Szegedy et al., section 6, arxiv.org/abs/1409.4842.
    """
    height, width = images.shape[1:3]
    x, y = (width - 1) / 2, (height - 1) / 2
    cos, sin = sides * np.cos(np.radians(degrees)), sides * np.sin(np.radians(degrees))
    margins = (1 - sides) / 2
    to_x = x + offsets[0] * margins * width - cos * x - sin * y
    to_y = y + offsets[1] * margins * height + sin * x - cos * y
    zero = np.zeros(len(images))
    transforms = np.stack([cos, sin, to_x, -sin, cos, to_y, zero, zero], axis=1).round(DECIMALS)
    with tf.device("CPU:0"):
        windows = tf.raw_ops.ImageProjectiveTransformV3(
            images=images.reshape(*images.shape[:3], -1),
            transforms=transforms.astype(np.float32),
            output_shape=[height, width],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="NEAREST",
        )
    return windows.numpy().reshape(images.shape)


def adjust_colour(
    images: np.ndarray, brightness: np.ndarray, contrast: np.ndarray, saturation: np.ndarray
) -> np.ndarray:
    """Multiply brightness, contrast and saturation by these factors (each float [count]).

    Brightness multiplies the pixels, contrast their distance to the mean grey value of the image,
    saturation their distance to their own grey value; greyscale images have no saturation.
    Sources: Howard, arxiv.org/abs/1312.5402; `torchvision.transforms.ColorJitter`.
    """
    adjusted = np.empty_like(images)
    in_grey = brightness * contrast * (1 - saturation)
    in_colour = brightness * contrast * saturation
    in_mean = brightness * (1 - contrast)
    shares = LUMA if images.shape[3:] else (1.0,)
    for index, image in enumerate(images):  # one at a time, which stays in the processor's cache
        pixels = image.astype(np.float32)
        colours = np.moveaxis(pixels.reshape(*pixels.shape[:2], -1), -1, 0)
        grey = sum(share * colour for share, colour in zip(shares, colours, strict=True))
        constant = in_mean[index] * grey.mean(dtype=np.float64)
        grey *= np.float32(in_grey[index])
        grey += np.float32(constant + 0.5)  # rounds to the nearest integer
        colours *= np.float32(in_colour[index])
        colours += grey
        adjusted[index] = np.clip(pixels, 0, 255, out=pixels)
    return adjusted


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
