"""Integer arithmetic on pixels, shared by `fashion_mnist`, `crop` and `pad`."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from fashion_predict.images.errors import ImageError

WHITE = 255
LUMA = (299, 587, 114)  # of 1000: the weights of red, green and blue in ITU-R BT.601
BAND_PIXELS = 1 << 20


def check_array(pixels: np.ndarray) -> None:
    """Raise `ImageError` unless `pixels` is a greyscale, RGB or RGBA image of uint8."""
    is_image = pixels.ndim in (2, 3) and pixels.shape[2:] in ((), (3,), (4,))
    if pixels.dtype != np.uint8 or not is_image or 0 in pixels.shape:
        raise ImageError(
            "expected uint8 [height, width], or with a last axis of 3 (RGB) or 4 (RGBA); "
            f"received {pixels.dtype} {list(pixels.shape)}"
        )


def on_white(pixels: np.ndarray) -> np.ndarray:
    """Put a greyscale, RGB or RGBA image on white: int32 [height, width, 3]."""
    pixels = pixels.astype(np.int32)
    if pixels.ndim == 2:  # noqa: PLR2004
        return np.repeat(pixels[..., np.newaxis], 3, axis=2)
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    if alpha.size:
        return (colour * alpha + WHITE * (WHITE - alpha) + 127) // WHITE
    return colour


def on_white_bands(pixels: np.ndarray, multiple: int = 1) -> Iterator[np.ndarray]:
    """Yield `on_white` for a band of rows at a time, which saves memory for a large image.

    The number of rows of a band is a multiple of `multiple`, except for the last band.
    """
    height, width = pixels.shape[:2]
    rows = multiple * max(1, BAND_PIXELS // (multiple * width))
    for top in range(0, height, rows):
        yield on_white(pixels[top : top + rows])


def to_grey(colours: np.ndarray) -> np.ndarray:
    """Convert RGB [..., 3] to luma, int64 [...]."""
    return divide_rounded((colours * LUMA).sum(axis=-1), 1000)


def divide_rounded(a: Any, b: Any) -> Any:
    """Return `a / b` rounded half up, for integers or arrays of integers; `b` is above 0."""
    return (2 * a + b) // (2 * b)


def fit_inside(size: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, int]:
    """Return the largest (height, width) inside `target` that has the proportions of `size`."""
    (height, width), (rows, columns) = size, target
    if height * columns >= width * rows:
        return rows, max(1, divide_rounded(width * rows, height))
    return max(1, divide_rounded(height * columns, width)), columns
