"""A lower bound of the difference of two images, which is fast to compute for all pairs.

The root-mean-square (RMS) difference of the pixels is never smaller than that of the means of a few
cells (Jensen's inequality). That is never smaller than the difference along a few principal axes
of the means, combined with the difference of the lengths outside these axes (triangle inequality).
So each image becomes a point of at most `AXES` + 1 coordinates. Points sorted by the first
coordinate need to be compared with points nearby only.
"""

from collections.abc import Iterator

import numpy as np

from fashion.data_report.image_sequence import ImageSequence

CELLS = 14  # per side, at most
AXES = 32
SAMPLE = 1024  # images that determine the axes
BLOCK, WIDTH = 1024, 8192  # rows and columns of distances in memory at a time
BLOCK_BYTES = 1 << 25  # pixels of a block
ROUNDING = 1.0  # of squared distances in float32


def average_cells(images: np.ndarray) -> np.ndarray:
    """Return the mean of each cell of each image, weighted by its area: float32 [count, cells].

    `images` is uint8 [count, height, width, ...]. The Euclidean distance of two rows is at most
    the RMS difference of the images.
    """
    count, height, width = images.shape[:3]
    tops, lefts = _edges(height), _edges(width)
    areas = np.outer(np.diff(tops, append=height), np.diff(lefts, append=width))
    grey = images.reshape(count, height, width, -1).mean(axis=3, dtype=np.float32)
    sums = np.add.reduceat(np.add.reduceat(grey, tops, axis=1), lefts, axis=2)
    return (sums / np.sqrt(areas * height * width, dtype=np.float32)).reshape(count, -1)


def _edges(size: int) -> np.ndarray:
    return np.unique(np.linspace(0, size, CELLS, endpoint=False).astype(int))


def project(images: ImageSequence) -> np.ndarray:
    """Return at most `AXES` coordinates of each image and the length outside these axes.

    The result is float32 [count, axes + 1]. The Euclidean distance of two rows is at most the RMS
    difference of the images, up to rounding.
    """
    sample = range(0, len(images), 1 + len(images) // SAMPLE)
    cells = np.concatenate([average_cells(images[position][None]) for position in sample])
    mean = cells.mean(axis=0)
    axes = np.linalg.svd(cells - mean, full_matrices=False)[2][:AXES]
    points, start = np.empty((len(images), len(axes) + 1), np.float32), 0
    for chunk in images.chunks():
        points[start : start + len(chunk)] = _project(chunk, mean, axes)
        start += len(chunk)
    return points


def _project(images: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    cells = average_cells(images)
    centred = cells - mean
    along = centred @ axes.T
    squares = np.square(images.reshape(len(images), -1), dtype=np.uint32).mean(axis=1)
    for sign, vectors in ((-1, cells), (1, centred), (-1, along)):
        squares += sign * np.square(vectors, dtype=np.float64).sum(axis=1)
    return np.column_stack([along, np.sqrt(squares.clip(min=0))])


def tiles(along: np.ndarray, limit: float) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns that cover each pair of coordinates at most `limit` apart once.

    `along` is float32 [count], ascending.
    """
    for start in range(0, len(along), BLOCK):
        rows = slice(start, min(start + BLOCK, len(along)))
        end = int(np.searchsorted(along, along[rows.stop - 1] + limit, side="right"))
        for left in range(start, end, WIDTH):
            yield rows, slice(left, min(left + WIDTH, end))


def find_close_pairs(points: np.ndarray, rows: slice, columns: slice, limit: float) -> np.ndarray:
    """Return which pairs have at most the squared distance `limit`: bool [rows, columns].

    `points` is float32 [count, features]. A pair is True once, where its row comes first.
    """
    ones, others = points[rows], points[columns]
    squares = ones @ (-2 * others.T)
    squares += np.square(ones).sum(axis=1)[:, None]
    squares += np.square(others).sum(axis=1)
    mask = squares <= limit
    mask &= np.arange(columns.start, columns.stop) > np.arange(rows.start, rows.stop)[:, None]
    return mask


def blocks(mask: np.ndarray, pixels: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield rows and columns of `mask` that hold pairs, so few that their pixels fit in memory."""
    side = min(BLOCK, max(1, BLOCK_BYTES // (8 * pixels)))
    for top in range(0, mask.shape[0], side):
        for left in range(0, mask.shape[1], side):
            block = mask[top : top + side, left : left + side]
            ones, others = (np.flatnonzero(block.any(axis=axis)) for axis in (1, 0))
            if len(ones):
                yield top + ones, left + others
