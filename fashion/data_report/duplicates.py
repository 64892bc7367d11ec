"""Finds images that occur twice: equal, mirrored, or near, that is, with a small difference.

The difference is the root mean square (RMS) over the pixels, in grey levels of 0 to 255. The
search is exact: `fashion.data_report.projection` excludes most pairs by a lower bound of their
difference, and the others are compared pixel by pixel. Memory grows by about 0.3 kB per image.

If very many images are near one another, such as the frames of a film, there are too many pairs
to compare. The search then stops after `MAX_WORK` and says so.
"""

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from fashion.data_report.image_sequence import ImageSequence
from fashion.data_report.projection import ROUNDING, blocks, find_close_pairs, project, tiles

MATCHES = ("equal", "mirrored", "near")
MAX_WORK = 4 * 10**11  # pixel products, 1 to 2 minutes: 224 million pairs of images of 28 x 28
PAIR_WORK = 1000  # overhead per pair, in pixel products


class DuplicatePairs(NamedTuple):
    """Pairs of images with the same `match`, one of `MATCHES`.

    `first` and `second` (int64 [pairs]) are positions in an `ImageSequence`, with first < second.
    `rms` (float64 [pairs]) is the difference of the pixels.
    """

    match: str
    first: np.ndarray
    second: np.ndarray
    rms: np.ndarray

    def take(self, indices: np.ndarray) -> "DuplicatePairs":
        """The pairs at `indices` (int [count]), in this order."""
        return DuplicatePairs(self.match, *(column[indices] for column in self[1:]))


class DuplicateSearch:
    """Iterates over all pairs of equal, mirrored and near images, in batches of one match.

    If an image equals several others, it is paired with the first of them only. Images are near if
    their RMS difference is at most `max_rms`. After the iteration, `is_complete` is False if the
    search stopped after `MAX_WORK`.
    """

    def __init__(self, images: ImageSequence, max_rms: float):
        self._images, self._max_rms = images, max_rms
        self.is_complete = True

    def __iter__(self) -> Iterator[DuplicatePairs]:
        equal, mirrored = exact_duplicates(self._images)
        yield equal
        yield mirrored
        originals = np.setdiff1d(np.arange(len(self._images)), equal.second, assume_unique=True)
        yield from self._near(originals)

    def _near(self, originals: np.ndarray) -> Iterator[DuplicatePairs]:
        points = project(self._images)
        originals = originals[np.argsort(points[originals, 0], kind="stable")]
        points = points[originals]
        work, pixels = 0, int(np.prod(self._images.shape))
        for rows, columns in tiles(points[:, 0], self._max_rms + ROUNDING):
            mask = find_close_pairs(points, rows, columns, self._max_rms**2 + ROUNDING)
            for ones, others in blocks(mask, pixels):
                work += len(ones) * len(others) * (pixels + PAIR_WORK)
                if work > MAX_WORK:
                    self.is_complete = False
                    return
                positions = originals[rows][ones], originals[columns][others]
                is_close = mask[np.ix_(ones, others)]
                yield _compare(self._images, *positions, is_close, self._max_rms)


def exact_duplicates(images: ImageSequence) -> tuple[DuplicatePairs, DuplicatePairs]:
    """Return the pairs of equal images, and those of images that mirror an earlier one.

    An image that equals an earlier one has no mirrored pair. Digests find the pairs, and the
    pixels confirm them.
    """
    digests, mirrored_digests = _digests(images)
    distinct, first, inverse = np.unique(digests, return_index=True, return_inverse=True)
    positions, earliest = np.arange(len(images)), first[inverse]
    is_copy = earliest < positions
    found = np.searchsorted(distinct, mirrored_digests).clip(max=len(distinct) - 1)
    twins = first[found]
    is_mirrored = (distinct[found] == mirrored_digests) & (twins < positions) & ~is_copy
    return (
        _confirm("equal", images, earliest[is_copy], positions[is_copy], 1),
        _confirm("mirrored", images, twins[is_mirrored], positions[is_mirrored], -1),
    )


def _confirm(
    match: str, images: ImageSequence, first: np.ndarray, second: np.ndarray, step: int
) -> DuplicatePairs:
    """The pairs with equal pixels, where `step` = -1 mirrors the second image."""
    pairs = [
        (one, other, rms(images[one], images[other]))
        for one, other in zip(first, second, strict=True)
        if np.array_equal(images[one], images[other][:, ::step])
    ]
    columns = zip(*pairs, strict=True) if pairs else ((), (), ())
    return DuplicatePairs(match, *map(np.array, columns, (int, int, float)))


def _digests(images: ImageSequence) -> tuple[np.ndarray, np.ndarray]:
    """A hash of each image and one of its mirror image, each uint64 [count]."""
    digests = np.empty((len(images), 2), np.uint64)
    for row, image in zip(digests, chain.from_iterable(images.chunks()), strict=True):
        row[:] = _digest(image), _digest(image[:, ::-1])
    return digests[:, 0], digests[:, 1]


def _digest(image: np.ndarray) -> int:
    return int.from_bytes(hashlib.blake2b(image.tobytes(), digest_size=8).digest(), "little")


def rms(one: np.ndarray, other: np.ndarray) -> float:
    """The root-mean-square difference of two uint8 images of one shape, in grey levels."""
    return float(np.sqrt(np.mean(np.square(one.astype(np.int32) - other))))


def _compare(
    images: ImageSequence, ones: np.ndarray, others: np.ndarray, mask: np.ndarray, max_rms: float
) -> DuplicatePairs:
    """The near pairs among those in `mask` (bool [ones, others]) of images at these positions.

    Differences are exact: sums of products of bytes are integers that float64 can represent.
    """
    one, other = (
        np.stack([images[position].ravel() for position in positions]).astype(np.float64)
        for positions in (ones, others)
    )
    squares = one @ (-2 * other.T)
    squares += np.square(one).sum(axis=1)[:, None]
    squares += np.square(other).sum(axis=1)
    differences = np.sqrt(squares / one.shape[1])
    row, column = np.nonzero(mask & (differences <= max_rms))
    first, second = np.sort([ones[row], others[column]], axis=0)
    return DuplicatePairs("near", first, second, differences[row, column])
