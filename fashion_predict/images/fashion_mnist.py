"""From a decoded image to what the model was trained on: the preprocessing of Fashion-MNIST.

Source: Xiao et al., arxiv.org/abs/1708.07747, section 2, which describes a pipeline of ImageMagick:
trim edges within 5 % of the colour of the corners, bring the longest edge to 28 by skipping rows
and columns, sharpen with a Gaussian of radius and sigma 1, centre, negate, convert to greyscale.

Every step is integer arithmetic (`//` rounds down, also below zero), so that another language can
give the same pixels to the last bit. In the order of `prepare`, for an image of uint8 values:

1. **As it is.** An image that has the model's size, whose pixels are all opaque and grey
   (R = G = B, or one channel), and whose background (step 3, of its own four corners) is below 128,
   is an original and is returned unchanged. Of the 70,000 published images none has a background
   above 51; a negative of one, dark on light, goes through all steps.
2. **Reduce to 146.** Transparency is put on white: c = (c * a + 255 * (255 - a) + 127) // 255. Then
   with k = ceil(longest edge / 146), each block of k x k pixels, counted from the top left and cut
   off at the right and the bottom, becomes its mean: (2 * sum + count) // (2 * count) per channel.
   Noise averages out before it can disturb the trimming.
3. **Background.** Of the four corner pixels, per channel, sorted a <= b <= c <= d: (b + c) // 2.
4. **Trim** to the smallest rectangle that holds all pixels whose squared distance in RGB from the
   background is above 487, which is 3 * (0.05 * 255) ** 2 rounded down. None: `ImageError`.
5. **Reduce to 73**, as in step 2: the originals were thumbnails of 51 x 73.
6. **Sample.** A rectangle of h x w goes into H x W: if h * W >= w * H, to H rows and
   max(1, (2 * w * H + h) // (2 * h)) columns, else to W columns and
   max(1, (2 * h * W + w) // (2 * w)) rows. Of n rows, m are taken: those at
   ((2 * i + 1) * n) // (2 * m) for i = 0 .. m - 1; columns likewise.
7. **Grey**, of the pixels and of the background g: (299 * R + 587 * G + 114 * B + 500) // 1000.
8. **Sharpen.** (424 * centre - 26 * (sum of the 4 beside it) - 16 * (sum of the 4 diagonal) + 128)
   // 256, limited to 0 .. 255; beyond the edges the nearest pixel stands.
9. **Normalise**, so that the background becomes 0. Where sum(max(g - v, 0)) >= sum(max(v - g, 0))
   over all pixels v, the image is negated: (2 * 255 * max(g - v, 0) + g) // (2 * g), which for a
   white background is 255 - v; else (2 * 255 * max(v - g, 0) + 255 - g) // (2 * (255 - g)). If both
   sums are 0: `ImageError`.
10. **Centre** on H x W zeros: the top row is H // 2 - h // 2, the left column W // 2 - w // 2, as
    the odd sizes among the 60,000 published images are placed.
"""

import numpy as np

from fashion_predict.images.errors import ImageError

WHITE = 255
TRIM_EDGE = 146  # twice that of a thumbnail
THUMBNAIL_EDGE = 73
BAND_PIXELS = 1 << 20
TRIM_DISTANCE = 487
LIGHT = 128  # the background of no original
GREY = (299, 587, 114)  # of 1000: the luma of ITU-R BT.601
# ImageMagick's sharpening of radius 1 and sigma 1: exp(-r**2 / 2) at the 9 places, negated; in the
# centre twice their sum instead; divided by the new sum. That is 1.6609 in the centre, -0.1028
# beside and -0.0624 diagonal to it; times 256 and rounded, the centre such that the sum is 256.
CENTRE, BESIDE, DIAGONAL = 424, -26, -16


def prepare(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The image as the model's input: uint8 `shape` (height, width), the background 0.

    `pixels` is uint8 [height, width] (greyscale), [height, width, 3] (RGB) or [height, width, 4]
    (RGBA, alpha not premultiplied).

    Raises `ImageError` for other arrays, and if nothing is on the background.

    >>> image = np.full((40, 40, 3), 255, np.uint8)
    >>> image[10:30, 15:25] = 55
    >>> prepare(image, (4, 4))
    array([[  0, 200, 200,   0],
           [  0, 200, 200,   0],
           [  0, 200, 200,   0],
           [  0, 200, 200,   0]], dtype=uint8)
    """
    check(pixels)
    original = _one_channel(pixels, shape)
    if original is not None and _background(opaque(original))[0] < LIGHT:
        return original
    image = _reduce(pixels, TRIM_EDGE)
    background = _background(image)
    image = _sample(_reduce(_trim(image, background), THUMBNAIL_EDGE), shape)
    return _centre(_normalise(_sharpen(grey(image)), int(grey(background))), shape)


def check(pixels: np.ndarray) -> None:
    """Raise `ImageError` unless `pixels` are uint8 in one of the forms that `prepare` takes."""
    known = len(pixels.shape[:2]) == 2 and pixels.shape[2:] in ((), (3,), (4,))  # noqa: PLR2004
    if pixels.dtype != np.uint8 or not known or 0 in pixels.shape:
        raise ImageError(
            "expected uint8 [height, width], or with a last axis of 3 (RGB) or 4 (RGBA); "
            f"received {pixels.dtype} {list(pixels.shape)}"
        )


def _one_channel(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The grey values, if `pixels` are of the model's size, opaque and grey; else None."""
    if pixels.shape[:2] != shape:
        return None
    if pixels.ndim == len(shape):
        return pixels
    values, alpha = pixels[..., :1], pixels[..., 3:]
    if (pixels[..., :3] == values).all() and (alpha == WHITE).all():
        return values[..., 0]
    return None


def _reduce(pixels: np.ndarray, edge: int) -> np.ndarray:
    """Block means, int32 [height, width, 3], no edge longer than `edge`.

    A band of blocks at a time, so that a large image takes little memory besides itself.
    """
    height, width = pixels.shape[:2]
    size = -(-max(height, width) // edge)
    if size == 1:
        return opaque(pixels)
    band = size * max(1, BAND_PIXELS // (size * width))
    bands = (opaque(pixels[top : top + band]) for top in range(0, height, band))
    return np.concatenate([_block_means(band, size) for band in bands])


def _block_means(pixels: np.ndarray, size: int) -> np.ndarray:
    starts = [np.arange(0, length, size) for length in pixels.shape[:2]]
    sums = np.add.reduceat(np.add.reduceat(pixels, starts[0], axis=0), starts[1], axis=1)
    ends = zip(starts, pixels.shape[:2], strict=True)
    heights, widths = (np.diff(places, append=length) for places, length in ends)
    count = np.outer(heights, widths)[..., np.newaxis]
    return (2 * sums + count) // (2 * count)


def opaque(pixels: np.ndarray) -> np.ndarray:
    """Int32 [height, width, 3], transparency put on white."""
    pixels = pixels.astype(np.int32)
    if pixels.ndim == 2:  # noqa: PLR2004
        return np.repeat(pixels[..., np.newaxis], 3, axis=2)
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    if alpha.size:
        return (colour * alpha + WHITE * (WHITE - alpha) + 127) // WHITE
    return colour


def _background(image: np.ndarray) -> np.ndarray:
    """The background's colour, int32 [3]: the corners' median, which one of them cannot change."""
    corners = np.sort(image[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
    return (corners[1] + corners[2]) // 2


def _trim(image: np.ndarray, background: np.ndarray) -> np.ndarray:
    differs = ((image - background) ** 2).sum(axis=2) > TRIM_DISTANCE
    rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise ImageError("nothing on a plain background: every pixel has about the corners' colour")
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _sample(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Skip rows and columns, or repeat them where there are too few, to fit `shape`."""
    (height, width), (rows, columns) = image.shape[:2], shape
    if height * columns >= width * rows:
        columns = max(1, (2 * width * rows + height) // (2 * height))
    else:
        rows = max(1, (2 * height * columns + width) // (2 * width))
    return image[_places(height, rows)][:, _places(width, columns)]


def _places(count: int, taken: int) -> np.ndarray:
    return (2 * np.arange(taken) + 1) * count // (2 * taken)


def grey(colours: np.ndarray) -> np.ndarray:
    """Step 7, of int64 [..., 3]."""
    return ((colours * GREY).sum(axis=-1) + 500) // 1000


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
    negate = darker.sum() >= lighter.sum()
    values, scale = (darker, background) if negate else (lighter, WHITE - background)
    return (2 * WHITE * values + scale) // (2 * scale)


def _centre(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    top, left = (whole // 2 - part // 2 for whole, part in zip(shape, image.shape, strict=True))
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas
