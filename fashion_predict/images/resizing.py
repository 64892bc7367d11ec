"""The preprocessing `crop` and `pad`, for images that do not imitate Fashion-MNIST.

For a model whose images have H rows and W columns. Every step is integer arithmetic (`//` rounds
down), so that an implementation in another language can give the same pixels to the last bit. Both
first put transparency on white: c = (c * a + 255 * (255 - a) + 127) // 255.

**Area means** turn an image of h x w pixels into m x n pixels. Measured in units of 1/m and 1/n of
a pixel of the image, pixel (i, j) of the result covers the rows i * h to (i + 1) * h and the
columns j * w to (j + 1) * w. If S is the sum of the values that it covers, each times its covered
area, the result is (2 * S + h * w) // (2 * h * w). An image that has m x n pixels already does not
change.

**crop** takes the largest rectangle from the middle of the h x w image that has the model's
proportions, then area means. If w * H > h * W, the rectangle has all rows and
max(1, (2 * h * W + H) // (2 * H)) columns, else all columns and max(1, (2 * w * H + W) // (2 * W))
rows. It starts at (length of the image - length of the rectangle) // 2.

**pad** keeps the whole image. If h * W >= w * H, area means make H rows and
max(1, (2 * w * H + h) // (2 * h)) columns, else W columns and max(1, (2 * h * W + w) // (2 * w))
rows. They start at (H or W - their length) // 2. The rest gets the colour of their border: per
channel, of the n sorted values in the first and last row and in the first and last column without
those rows, the value at (n - 1) // 2. (A single row or column counts twice.)

For a greyscale model, colours then become (299 * R + 587 * G + 114 * B + 500) // 1000.
"""

from collections.abc import Callable

import numpy as np

from fashion_predict.images.fashion_mnist import fashion_mnist
from fashion_predict.images.pixels import (
    check_array,
    divide_rounded,
    fit_inside,
    on_white_bands,
    to_grey,
)

GREYSCALE = 2  # axes


def crop(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Resize the middle of the image to uint8 `shape`: (height, width) or (height, width, 3).

    `pixels` is uint8 [height, width] (greyscale), [height, width, 3] (RGB) or [height, width, 4]
    (RGBA, alpha not premultiplied). Raises `ImageError` for other arrays.

    >>> crop(np.arange(16, dtype=np.uint8).reshape(2, 8), (1, 2))
    array([[7, 9]], dtype=uint8)
    """
    check_array(pixels)
    middle = pixels[_centred(fit_inside(shape[:2], pixels.shape[:2]), pixels.shape)]
    return _finish(_area_means(middle, shape[:2]), shape)


def pad(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Resize the whole image and pad it to `shape` with the colour of its border, like `crop`.

    >>> pad(np.full((2, 4), 9, np.uint8), (2, 2))
    array([[9, 9],
           [9, 9]], dtype=uint8)
    """
    check_array(pixels)
    image = _area_means(pixels, fit_inside(pixels.shape[:2], shape[:2]))
    canvas = np.empty((*shape[:2], 3), np.int64)
    canvas[:] = _border(image)
    canvas[_centred(image.shape, shape)] = image
    return _finish(canvas, shape)


def _centred(inner: tuple[int, ...], outer: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of an `inner` rectangle in the middle of an `outer` one."""
    top, left = ((outer[axis] - inner[axis]) // 2 for axis in (0, 1))
    return slice(top, top + inner[0]), slice(left, left + inner[1])


def _area_means(pixels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Int64 [*size, 3]."""
    height, width = pixels.shape[:2]
    bands = [_sums(band.swapaxes(0, 1), size[1]).swapaxes(0, 1) for band in on_white_bands(pixels)]
    return divide_rounded(_sums(np.concatenate(bands), size[0]), height * width)


def _sums(values: np.ndarray, count: int) -> np.ndarray:
    """Divide the first axis into `count` equal intervals and sum the values in each.

    The weight of a value is `count` times its share in the interval. Each sum is the difference of
    two prefix sums, which include a share of the value that follows.
    """
    length = len(values)
    prefix = np.zeros((length + 1, *values.shape[1:]), np.int64)
    np.cumsum(values, axis=0, out=prefix[1:])
    position, share = np.divmod(np.arange(count + 1) * length, count)
    after = values[np.minimum(position, length - 1)] * share[:, np.newaxis, np.newaxis]
    return np.diff(prefix[position] * count + after, axis=0)


def _border(image: np.ndarray) -> np.ndarray:
    """The median colour of the outermost pixels, int64 [3]."""
    sides = (image[0], image[-1], image[1:-1, 0], image[1:-1, -1])
    pixels = np.sort(np.concatenate(sides), axis=0)
    return pixels[(len(pixels) - 1) // 2]


def _finish(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return (to_grey(image) if len(shape) == GREYSCALE else image).astype(np.uint8)


PREPROCESSING: dict[str, Callable[[np.ndarray, tuple[int, ...]], np.ndarray]] = {
    "fashion_mnist": fashion_mnist,
    "crop": crop,
    "pad": pad,
}
