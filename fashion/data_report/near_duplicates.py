"""Images that a data set holds twice: equal, mirrored, or nearly equal as a network sees them.

Nearly equal is a small root-mean-square (RMS) difference of the pixels, in grey levels of 0 to 255.
It is never smaller than that of the means of a few cells (Jensen's inequality), nor that than the
difference along a few principal axes of these means, taken together with the difference of what
lies outside of these axes (triangle inequality). So each image is first reduced to `AXES` + 1
numbers, images sorted by the first of them are compared with those next to them alone, and what is
left pixel by pixel: exact, in memory that grows by about 0.3 kB an image.

Where very many images are near one another, as the frames of a film, the pairs are too many to
compare them all: the search stops after `WORK`, and says so.
"""

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from fashion.data_report.images import Images

KINDS = ("equal", "mirrored", "near")
CELLS = 14  # a side, at most
AXES = 32
SAMPLE = 1024  # images that the axes are fitted to
BLOCK, WIDTH = 1024, 8192  # rows and columns of distances in memory at a time
BLOCK_BYTES = 1 << 25  # of the pixels of a block
ROUNDING = 1.0  # of squared distances in float32
WORK = 4 * 10**11  # products of pixels, a minute or two: 224 million pairs of images of 28 x 28
PAIR_WORK = 1000  # of a pair, whatever its pixels


class Pair(NamedTuple):
    """Two images by their positions, the first of them the earlier one, and what they share.

    `kind` is one of `KINDS`, `distance` the RMS difference of the pixels.
    """

    kind: str
    first: int
    second: int
    distance: float


class Pairs(NamedTuple):
    """Pairs of one kind: `first` and `second` int64 [pairs], `distance` float64 [pairs]."""

    kind: str
    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray

    def take(self, rows: np.ndarray) -> "Pairs":
        """Those in `rows` (int [count]), in this order."""
        return Pairs(self.kind, self.first[rows], self.second[rows], self.distance[rows])

    def each(self) -> Iterator[Pair]:
        """One after the other."""
        columns = (self.first.tolist(), self.second.tolist(), self.distance.tolist())
        return (Pair(self.kind, *row) for row in zip(*columns, strict=True))


NONE = (np.empty(0, int), np.empty(0, int), np.empty(0))


class Duplicates:
    """The pairs of alike images, some at a time: equal ones, mirrored ones, then near ones.

    An image that equals earlier ones is paired with the first of them, and with no other. `near`
    are those that differ by at most `limit`. After the last pair `is_complete` tells whether they
    are all that there are: False if the search stopped after `WORK`.
    """

    def __init__(self, images: Images, limit: float):
        self._images, self._limit = images, limit
        self.is_complete = True

    def __iter__(self) -> Iterator[Pairs]:
        equal, mirrored = copies(self._images)
        yield equal
        yield mirrored
        originals = np.setdiff1d(np.arange(len(self._images)), equal.second, assume_unique=True)
        yield from self._near(originals)

    def _near(self, originals: np.ndarray) -> Iterator[Pairs]:
        points = project(self._images)
        originals = originals[np.argsort(points[originals, 0], kind="stable")]
        points = points[originals]
        work, pixels = 0, int(np.prod(self._images.shape))
        for rows, columns in _tiles(points[:, 0], self._limit + ROUNDING):
            mask = close(points, rows, columns, self._limit**2 + ROUNDING)
            for ones, others in _blocks(mask, pixels):
                work += len(ones) * len(others) * (pixels + PAIR_WORK)
                if work > WORK:
                    self.is_complete = False
                    return
                positions = originals[rows][ones], originals[columns][others]
                yield _compared(self._images, *positions, mask[np.ix_(ones, others)], self._limit)


def copies(images: Images) -> tuple[Pairs, Pairs]:
    """The equal images, and those that are mirror images of an earlier one and equal none."""
    own, mirrored = _digests(images)
    distinct, first, inverse = np.unique(own, return_index=True, return_inverse=True)
    positions, earliest = np.arange(len(images)), first[inverse]
    is_copy = earliest < positions
    equal = Pairs("equal", earliest[is_copy], positions[is_copy], np.zeros(is_copy.sum()))
    place = np.searchsorted(distinct, mirrored).clip(max=len(distinct) - 1)
    twin = first[place]
    is_mirrored = (distinct[place] == mirrored) & (twin < positions) & ~is_copy
    pairs = twin[is_mirrored], positions[is_mirrored]
    distances = [rms(images[one], images[other]) for one, other in zip(*pairs, strict=True)]
    return equal, Pairs("mirrored", *pairs, np.array(distances, float))


def _digests(images: Images) -> tuple[np.ndarray, np.ndarray]:
    """A hash of each image and one of its mirror image, uint64 [count]."""
    digests = np.empty((len(images), 2), np.uint64)
    for row, image in zip(digests, chain.from_iterable(images.chunks()), strict=True):
        row[:] = _digest(image), _digest(image[:, ::-1])
    return digests[:, 0], digests[:, 1]


def _digest(image: np.ndarray) -> int:
    content = hashlib.blake2b(image.tobytes(), digest_size=8).digest()
    return int.from_bytes(content, "little")


def rms(one: np.ndarray, other: np.ndarray) -> float:
    """The root-mean-square difference of two images (uint8, of one shape), in grey levels."""
    return float(np.sqrt(np.mean(np.square(one.astype(np.int32) - other))))


def cell_means(images: np.ndarray) -> np.ndarray:
    """Means of the cells of each image: float32 [count, cells], weighted by the cells' areas.

    `images` is uint8 [count, height, width, ...]. Weighted so that the Euclidean distance of two
    rows is at most the `rms` of the images.
    """
    count, height, width = images.shape[:3]
    tops, lefts = _edges(height), _edges(width)
    areas = np.outer(np.diff(tops, append=height), np.diff(lefts, append=width))
    grey = images.reshape(count, height, width, -1).mean(axis=3, dtype=np.float32)
    sums = np.add.reduceat(np.add.reduceat(grey, tops, axis=1), lefts, axis=2)
    return (sums / np.sqrt(areas * height * width, dtype=np.float32)).reshape(count, -1)


def _edges(size: int) -> np.ndarray:
    return np.unique(np.linspace(0, size, CELLS, endpoint=False).astype(int))


def project(images: Images) -> np.ndarray:
    """`AXES` coordinates of each image, or fewer, and the length of what is outside of these axes.

    Float32 [count, axes + 1]; the Euclidean distance of two rows is at most the `rms` of the
    images, but for rounding.
    """
    sample = range(0, len(images), 1 + len(images) // SAMPLE)
    cells = np.concatenate([cell_means(images[position][None]) for position in sample])
    mean = cells.mean(axis=0)
    axes = np.linalg.svd(cells - mean, full_matrices=False)[2][:AXES]
    points, start = np.empty((len(images), len(axes) + 1), np.float32), 0
    for chunk in images.chunks():
        points[start : start + len(chunk)] = _project(chunk, mean, axes)
        start += len(chunk)
    return points


def _project(images: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    cells = cell_means(images)
    centred = cells - mean
    along = centred @ axes.T
    squares = np.square(images.reshape(len(images), -1), dtype=np.uint32).mean(axis=1)
    for sign, part in ((-1, cells), (1, centred), (-1, along)):
        squares += sign * np.square(part, dtype=np.float64).sum(axis=1)
    return np.column_stack([along, np.sqrt(squares.clip(min=0))])


def _tiles(along: np.ndarray, limit: float) -> Iterator[tuple[slice, slice]]:
    """Rows and columns, each pair once, whose places `along` (ascending) may be `limit` apart."""
    for start in range(0, len(along), BLOCK):
        rows = slice(start, min(start + BLOCK, len(along)))
        end = int(np.searchsorted(along, along[rows.stop - 1] + limit, side="right"))
        for left in range(start, end, WIDTH):
            yield rows, slice(left, min(left + WIDTH, end))


def close(points: np.ndarray, rows: slice, columns: slice, limit: float) -> np.ndarray:
    """Which pairs have at most the squared distance `limit`: bool [rows, columns], each pair once.

    `points` is float32 [count, features].
    """
    ones, others = points[rows], points[columns]
    squares = ones @ (-2 * others.T)
    squares += np.square(ones).sum(axis=1)[:, None]
    squares += np.square(others).sum(axis=1)
    mask = squares <= limit
    mask &= np.arange(columns.start, columns.stop) > np.arange(rows.start, rows.stop)[:, None]
    return mask


def _blocks(mask: np.ndarray, pixels: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The rows and columns of `mask` that hold a pair, so few that their pixels fit in memory."""
    side = min(BLOCK, max(1, BLOCK_BYTES // (8 * pixels)))
    for top in range(0, mask.shape[0], side):
        for left in range(0, mask.shape[1], side):
            block = mask[top : top + side, left : left + side]
            ones, others = (np.flatnonzero(block.any(axis=axis)) for axis in (1, 0))
            if len(ones):
                yield top + ones, left + others


def _compared(
    images: Images, ones: np.ndarray, others: np.ndarray, mask: np.ndarray, limit: float
) -> Pairs:
    """The near pairs in `mask` (bool [ones, others]) of the images at these positions.

    The distances are exact: sums of products of bytes are integers that float64 holds.
    """
    one, other = (
        np.stack([images[position].ravel() for position in some]).astype(np.float64)
        for some in (ones, others)
    )
    squares = one @ (-2 * other.T)
    squares += np.square(one).sum(axis=1)[:, None]
    squares += np.square(other).sum(axis=1)
    distances = np.sqrt(squares / one.shape[1])
    row, column = np.nonzero(mask & (distances <= limit))
    pairs = np.sort([ones[row], others[column]], axis=0)
    return Pairs("near", pairs[0], pairs[1], distances[row, column])
