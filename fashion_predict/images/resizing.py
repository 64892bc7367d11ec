"""Preprocessing by `crop` and `pad`, for images that do not imitate Fashion-MNIST.

For a model of images of H x W. Every step is integer arithmetic (`//` rounds down), so that another
language can give the same pixels to the last bit. Transparency is put on white first:
c = (c * a + 255 * (255 - a) + 127) // 255.

**Area means.** An image of h x w goes into m x n pixels: in units of 1/m and 1/n of a pixel of the
image, pixel (i, j) of the result covers the rows i * h to (i + 1) * h and the columns j * w to
(j + 1) * w. With S the sum of what it covers, each value times its area, it is
(2 * S + h * w) // (2 * h * w). An image of that size already stays as it is.

**crop**: the largest part of the middle that has the shape of the image, then area means. If
w * H > h * W, it has all rows and max(1, (2 * h * W + H) // (2 * H)) columns, else all columns and
max(1, (2 * w * H + W) // (2 * W)) rows; it starts at (all - part) // 2.

**pad**: the whole image. If h * W >= w * H, area means make H rows and
max(1, (2 * w * H + h) // (2 * h)) columns, else W columns and max(1, (2 * h * W + w) // (2 * w))
rows. They start at (all - part) // 2; around them is the colour of the border of these area means:
of the n values of the first and last row and of what is left of the first and last column (if that
is the same row or column, twice), per channel and sorted, the one at (n - 1) // 2.

For a greyscale image the colours then become (299 * R + 587 * G + 114 * B + 500) // 1000.
"""

from collections.abc import Callable

import numpy as np

from fashion_predict.images.fashion_mnist import check, grey, opaque, prepare

BAND_PIXELS = 1 << 20  # of a large image, in memory as int64 at a time
GREYSCALE = 2  # axes

Prepare = Callable[[np.ndarray, tuple[int, ...]], np.ndarray]


def crop(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The middle of the image as uint8 `shape`: (height, width), or (height, width, 3) in colour.

    `pixels` is uint8 [height, width] (greyscale), [height, width, 3] (RGB) or [height, width, 4]
    (RGBA, alpha not premultiplied). Raises `ImageError` for other arrays.

    >>> crop(np.arange(16, dtype=np.uint8).reshape(2, 8), (1, 2))
    array([[7, 8]], dtype=uint8)
    """
    check(pixels)
    (height, width), (rows, columns) = pixels.shape[:2], shape[:2]
    if width * rows > height * columns:
        part = (height, max(1, (2 * height * columns + rows) // (2 * rows)))
    else:
        part = (max(1, (2 * width * rows + columns) // (2 * columns)), width)
    top, left = _margins((height, width), part)
    return _finish(_reduce(pixels[top : top + part[0], left : left + part[1]], shape[:2]), shape)


def pad(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The whole image, in the middle of the colour of its border; the rest as of `crop`.

    >>> pad(np.full((2, 4), 9, np.uint8), (2, 2))
    array([[9, 9],
           [9, 9]], dtype=uint8)
    """
    check(pixels)
    (height, width), (rows, columns) = pixels.shape[:2], shape[:2]
    if height * columns >= width * rows:
        part = (rows, max(1, (2 * width * rows + height) // (2 * height)))
    else:
        part = (max(1, (2 * height * columns + width) // (2 * width)), columns)
    image = _reduce(pixels, part)
    canvas = np.empty((rows, columns, 3), np.int64)
    canvas[:] = _border(image)
    top, left = _margins((rows, columns), part)
    canvas[top : top + part[0], left : left + part[1]] = image
    return _finish(canvas, shape)


def _margins(whole: tuple[int, ...], part: tuple[int, ...]) -> tuple[int, int]:
    return (whole[0] - part[0]) // 2, (whole[1] - part[1]) // 2


def _reduce(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Area means, int64 [rows, columns, 3]; a band of rows at a time, for the memory."""
    height, width = pixels.shape[:2]
    band = max(1, BAND_PIXELS // width)
    across = [
        _sums(opaque(pixels[top : top + band]).swapaxes(0, 1), shape[1]).swapaxes(0, 1)
        for top in range(0, height, band)
    ]
    sums = _sums(np.concatenate(across), shape[0])
    return (2 * sums + height * width) // (2 * height * width)


def _sums(values: np.ndarray, count: int) -> np.ndarray:
    """The first axis in `count` equal parts: sums of its values, each times its share of `count`.

    A difference of two prefix sums, each with a share of the value after it.
    """
    length = len(values)
    prefix = np.zeros((length + 1, *values.shape[1:]), np.int64)
    np.cumsum(values, axis=0, out=prefix[1:])
    whole, share = np.divmod(np.arange(count + 1) * length, count)
    after = values[np.minimum(whole, length - 1)] * share[:, np.newaxis, np.newaxis]
    return np.diff(prefix[whole] * count + after, axis=0)


def _border(image: np.ndarray) -> np.ndarray:
    """The median colour of the outermost pixels, int64 [3]."""
    sides = (image[0], image[-1], image[1:-1, 0], image[1:-1, -1])
    pixels = np.sort(np.concatenate(sides), axis=0)
    return pixels[(len(pixels) - 1) // 2]


def _finish(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return (grey(image) if len(shape) == GREYSCALE else image).astype(np.uint8)


PREPROCESSING: dict[str, Prepare] = {"fashion_mnist": prepare, "crop": crop, "pad": pad}
