"""Pictures that a data set holds twice: equal, mirrored, or nearly equal as a network sees them.

Nearly equal is a small root-mean-square (RMS) difference of the pixels, in grey levels of 0 to 255.
It is never smaller than that of the means of a few cells (Jensen's inequality), nor that than the
difference along any axis. So images sorted along the first principal axis are compared by cells
with those next to them alone, and what is left pixel by pixel: exact, in memory that grows by
`CELLS`^2 numbers an image.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fashion.description.images import Images

KINDS = ("equal", "mirrored", "near")
CELLS = 14  # a side, at most
BLOCK, WIDTH = 1024, 8192  # rows and columns of distances in memory at a time
CANDIDATES = 20_000  # pairs compared pixel by pixel; of more, the likeliest
ROUNDING = 1.0  # of squared distances in float32


class Pair(NamedTuple):
    """Two images by their positions, the first of them the earlier one, and what they share.

    `kind` is one of `KINDS`, `distance` the RMS difference of the pixels.
    """

    kind: str
    first: int
    second: int
    distance: float


def find_pairs(images: Images, limit: float) -> list[Pair]:
    """The pairs of alike images, by kind and then by distance.

    An image that equals earlier ones is paired with the first of them, and with no other. `near`
    are those that differ by at most `limit`.
    """
    first: dict[bytes, int] = {}
    pairs = []
    for position in range(len(images)):
        image = images[position]
        digest, mirrored = _digest(image), _digest(image[:, ::-1])
        if digest in first:
            pairs.append(Pair("equal", first[digest], position, 0.0))
            continue
        if mirrored in first:
            distance = rms(images[first[mirrored]], image)
            pairs.append(Pair("mirrored", first[mirrored], position, distance))
        first[digest] = position
    pairs += _near_pairs(images, np.array([*first.values()]), limit)
    return sorted(pairs, key=lambda pair: (KINDS.index(pair.kind), pair.distance, pair))


def _digest(image: np.ndarray) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def rms(one: np.ndarray, other: np.ndarray) -> float:
    """The root-mean-square difference of two images (uint8, of one shape), in grey levels."""
    return float(np.sqrt(np.mean(np.square(one.astype(np.int32) - other))))


def _near_pairs(images: Images, positions: np.ndarray, limit: float) -> Iterator[Pair]:
    for rows in candidates(cell_means(images)[positions], limit):
        first, second = sorted(positions[rows].tolist())
        distance = rms(images[first], images[second])
        if distance <= limit:
            yield Pair("near", first, second, distance)


def cell_means(images: Images) -> np.ndarray:
    """Means of the cells of each image: float32 [count, cells], weighted by the cells' areas.

    Weighted so that the Euclidean distance of two rows is at most the `rms` of the images.
    """
    height, width = images.shape[:2]
    tops, lefts = _edges(height), _edges(width)
    areas = np.outer(np.diff(tops, append=height), np.diff(lefts, append=width))
    chunks = []
    for chunk in images.chunks():
        grey = chunk.reshape(len(chunk), height, width, -1).mean(axis=3, dtype=np.float32)
        sums = np.add.reduceat(np.add.reduceat(grey, tops, axis=1), lefts, axis=2)
        chunks.append(
            (sums / np.sqrt(areas * height * width, dtype=np.float32)).reshape(len(sums), -1)
        )
    return np.concatenate(chunks)


def _edges(size: int) -> np.ndarray:
    return np.unique(np.linspace(0, size, CELLS, endpoint=False).astype(int))


def candidates(points: np.ndarray, limit: float) -> np.ndarray:
    """The rows (int [pairs, 2]) of `points` at most `limit` apart; the closest of very many.

    `points` is float32 [count, features].
    """
    points = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(points[:: 1 + len(points) // BLOCK], full_matrices=False)
    along = points @ axes[0]
    order = np.argsort(along, kind="stable")
    points, along, square = points[order], along[order], limit**2 + ROUNDING
    pairs, squares = np.empty((0, 2), int), np.empty(0, np.float32)
    for rows, columns in _tiles(along, limit + ROUNDING):
        found, distances = _close(points, rows, columns, square)
        pairs, squares = np.concatenate([pairs, found]), np.concatenate([squares, distances])
        if len(pairs) > CANDIDATES:
            kept = np.argsort(squares, kind="stable")[:CANDIDATES]
            pairs, squares = pairs[kept], squares[kept]
            square = squares[-1]
    return order[pairs]


def _tiles(along: np.ndarray, limit: float) -> Iterator[tuple[slice, slice]]:
    """Rows and columns, each pair once, whose places `along` (ascending) may be `limit` apart."""
    for start in range(0, len(along), BLOCK):
        rows = slice(start, min(start + BLOCK, len(along)))
        end = int(np.searchsorted(along, along[rows.stop - 1] + limit, side="right"))
        for left in range(start, end, WIDTH):
            yield rows, slice(left, min(left + WIDTH, end))


def _close(
    points: np.ndarray, rows: slice, columns: slice, limit: float
) -> tuple[np.ndarray, np.ndarray]:
    """The pairs (int [pairs, 2]) with at most the squared distance `limit`, and the distances."""
    ones, others = points[rows], points[columns]
    squares = ones @ (-2 * others.T)
    squares += np.square(ones).sum(axis=1)[:, None]
    squares += np.square(others).sum(axis=1)
    first, second = np.nonzero(squares <= limit)
    later = second + columns.start > first + rows.start
    first, second = first[later], second[later]
    return np.stack([first + rows.start, second + columns.start], axis=1), squares[first, second]
