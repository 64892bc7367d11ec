"""The preprocessing of Fashion-MNIST, for images of any size.

Source: Xiao et al., arxiv.org/abs/1708.07747, section 2. They used ImageMagick: trim the edges that
are within 5 % of the colour of the corners, scale the longest edge to 28 by skipping rows and
columns, sharpen with a Gaussian of radius and sigma 1, centre, negate, convert to greyscale.

Every step is integer arithmetic (`//` rounds down, also below zero), so that an implementation in
another language can give the same pixels to the last bit. The steps for a uint8 image, in the order
of `fashion_mnist`, for a model whose images have H rows and W columns:

1. **Originals.** An image is an original and is returned unchanged if it has the model's size, all
   its pixels are opaque and grey (R = G = B, or one channel), and its background (step 3, from its
   own four corners) is below 128. No background of the 70,000 published images is above 51. The
   negative of an original, dark on light, goes through all steps.
2. **Reduce to 146.** Put transparency on white: c = (c * a + 255 * (255 - a) + 127) // 255. Then
   with k = ceil(longest edge / 146), each block of k x k pixels, counted from the top left and cut
   off at the right and the bottom, becomes its mean: (2 * sum + count) // (2 * count) per channel.
   This averages noise out before it can disturb the trimming.
3. **Background.** Per channel, sort the values of the four corner pixels, a <= b <= c <= d. The
   background is (b + c) // 2.
4. **Trim** to the smallest rectangle that holds all pixels whose squared distance in RGB from the
   background is above 487, which is 3 * (0.05 * 255) ** 2 rounded down. If there is none, this is
   an `ImageError`.
5. **Reduce to 73**, as in step 2. The originals were thumbnails of 51 x 73.
6. **Sample.** A rectangle of h x w becomes H rows and max(1, (2 * w * H + h) // (2 * h)) columns
   if h * W >= w * H, else W columns and max(1, (2 * h * W + w) // (2 * w)) rows. To take m of n
   rows, take the rows ((2 * i + 1) * n) // (2 * m) for i = 0 .. m - 1; likewise for columns.
7. **Convert to grey**, both the pixels and the background, which becomes g:
   (299 * R + 587 * G + 114 * B + 500) // 1000.
8. **Sharpen.** (424 * centre - 26 * (sum of the 4 beside it) - 16 * (sum of the 4 diagonal) + 128)
   // 256, limited to 0 .. 255. Beyond the edges, the nearest pixel counts.
9. **Normalise**, so that the background becomes 0. If sum(max(g - v, 0)) >= sum(max(v - g, 0))
   over all pixels v, negate: (2 * 255 * max(g - v, 0) + g) // (2 * g), which is 255 - v for a white
   background. Else (2 * 255 * max(v - g, 0) + 255 - g) // (2 * (255 - g)). If both sums are 0, this
   is an `ImageError`.
10. **Centre** on H x W zeros: the top row is H // 2 - h // 2, the left column W // 2 - w // 2. The
    60,000 published training images place odd sizes in this way.
"""

import numpy as np

from fashion_predict.images.errors import ImageError
from fashion_predict.images.pixels import (
    WHITE,
    check_array,
    divide_rounded,
    fit_inside,
    on_white,
    on_white_bands,
    to_grey,
)

TRIM_EDGE = 146  # twice that of a thumbnail
THUMBNAIL_EDGE = 73
TRIM_DISTANCE = 487
LIGHT = 128  # the background of every original is darker
# ImageMagick's kernel for radius 1 and sigma 1: -exp(-r**2 / 2) at the 9 positions, in the centre
# minus twice the sum of these instead; all divided by the new sum. That is 1.6609 in the centre,
# -0.1028 beside it and -0.0624 diagonal to it. Times 256, rounded so that the sum is 256:
CENTRE, BESIDE, DIAGONAL = 424, -26, -16


def fashion_mnist(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Preprocess an image like those of Fashion-MNIST: uint8 `shape`, on a background of 0.

    `pixels` is uint8 [height, width] (greyscale), [height, width, 3] (RGB) or [height, width, 4]
    (RGBA, alpha not premultiplied). `shape` is (height, width).

    Raises `ImageError` for other arrays, and if nothing is on the background.

    >>> image = np.full((40, 40, 3), 255, np.uint8)
    >>> image[10:30, 15:25] = 55
    >>> fashion_mnist(image, (4, 4))
    array([[  0, 200, 200,   0],
           [  0, 200, 200,   0],
           [  0, 200, 200,   0],
           [  0, 200, 200,   0]], dtype=uint8)
    """
    check_array(pixels)
    original = _one_channel(pixels, shape)
    if original is not None and _background(on_white(original))[0] < LIGHT:
        return original
    image = _reduce(pixels, TRIM_EDGE)
    background = _background(image)
    image = _sample(_reduce(_trim(image, background), THUMBNAIL_EDGE), shape)
    return _centre(_normalise(_sharpen(to_grey(image)), int(to_grey(background))), shape)


def _one_channel(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The grey values if `pixels` has the model's size and is opaque and grey; else None."""
    if pixels.shape[:2] != shape:
        return None
    if pixels.ndim == len(shape):
        return pixels
    values, alpha = pixels[..., :1], pixels[..., 3:]
    if (pixels[..., :3] == values).all() and (alpha == WHITE).all():
        return values[..., 0]
    return None


def _reduce(pixels: np.ndarray, edge: int) -> np.ndarray:
    """Reduce by a whole number, so that no edge is longer than `edge`: [height, width, 3]."""
    size = -(-max(pixels.shape[:2]) // edge)
    if size == 1:
        return on_white(pixels)
    return np.concatenate([_block_means(band, size) for band in on_white_bands(pixels, size)])


def _block_means(pixels: np.ndarray, size: int) -> np.ndarray:
    starts = [np.arange(0, length, size) for length in pixels.shape[:2]]
    sums = np.add.reduceat(np.add.reduceat(pixels, starts[0], axis=0), starts[1], axis=1)
    ends = zip(starts, pixels.shape[:2], strict=True)
    heights, widths = (np.diff(positions, append=length) for positions, length in ends)
    return divide_rounded(sums, np.outer(heights, widths)[..., np.newaxis])


def _background(image: np.ndarray) -> np.ndarray:
    """The median colour of the corners, [3]; one odd corner cannot change it."""
    corners = np.sort(image[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
    return (corners[1] + corners[2]) // 2


def _trim(image: np.ndarray, background: np.ndarray) -> np.ndarray:
    differs = ((image - background) ** 2).sum(axis=2) > TRIM_DISTANCE
    rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise ImageError("nothing on a plain background: every pixel has about the corners' colour")
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _sample(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Skip rows and columns, or repeat them if there are too few, to fit `shape`."""
    height, width = image.shape[:2]
    rows, columns = fit_inside((height, width), shape)
    return image[_positions(height, rows)][:, _positions(width, columns)]


def _positions(length: int, count: int) -> np.ndarray:
    return (2 * np.arange(count) + 1) * length // (2 * count)


def _sharpen(grey: np.ndarray) -> np.ndarray:
    padded = np.pad(grey, 1, mode="edge")
    rows = padded[:-2] + padded[2:]
    beside = rows[:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    diagonal = rows[:, :-2] + rows[:, 2:]
    sharp = (CENTRE * grey + BESIDE * beside + DIAGONAL * diagonal + 128) // 256
    return np.clip(sharp, 0, WHITE)


def _normalise(grey: np.ndarray, background: int) -> np.ndarray:
    darker, lighter = np.maximum(background - grey, 0), np.maximum(grey - background, 0)
    if not (darker.any() or lighter.any()):
        raise ImageError("nothing on a plain background: its grey is that of the background")
    if darker.sum() >= lighter.sum():
        return divide_rounded(WHITE * darker, background)
    return divide_rounded(WHITE * lighter, WHITE - background)


def _centre(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    top, left = (shape[axis] // 2 - image.shape[axis] // 2 for axis in (0, 1))
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas
