"""Counts the duplicates of a dataset and selects the closest pairs to show."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fashion.data_report import tables
from fashion.data_report.duplicates import MATCHES, DuplicatePairs, DuplicateSearch
from fashion.data_report.image_sequence import ImageSequence
from fashion.io.labeled_images import LabeledImages
from fashion.names import with_plural


class DuplicateReport(NamedTuple):
    """Duplicates of a dataset.

    `counts` and `pairs` are the tables of `tables.pair_counts` and `tables.pair_table`, and
    `images` has both images of each row of `pairs`. `is_complete` is False if there may be more.
    """

    counts: pd.DataFrame
    pairs: pd.DataFrame
    images: list[tuple[np.ndarray, np.ndarray]]
    is_complete: bool

    @property
    def total(self) -> str:
        """How many pairs there are, such as `65` or `at least 65`."""
        return f"{'' if self.is_complete else 'at least '}{self.counts['pairs'].sum()}"

    def summary(self) -> str:
        """The number of pairs, and how many test images were seen in training, in one line."""
        total, table = self.counts["pairs"].sum(), self.counts
        across = table.loc[table["split_1"] != table["split_2"], "pairs"].sum()
        # Of several equal images, each is paired only with the first, in the order of splits.
        is_leak = (table["match"] == "equal") & (table["split_1"] != "test")
        leaks = int(table.loc[is_leak & (table["split_2"] == "test"), "pairs"].sum())
        return (
            f"{self.total} {'pair' if total == 1 else 'pairs'} of equal, mirrored or near images, "
            f"{across} of them across splits; {with_plural(leaks, 'test image')} also "
            f"{'appears' if leaks == 1 else 'appear'} in the training or validation images"
            + ("" if self.is_complete else "; too many images are near one another to compare all")
        )


def report_duplicates(
    splits: Mapping[str, LabeledImages],
    files: pd.DataFrame,
    classes: Sequence[str],
    *,
    max_rms: float,
    max_pairs: int,
) -> DuplicateReport:
    """Search all `splits` together; show at most `max_pairs` of each match.

    `files` has the `split`, `index` and `file` of each image, in the order of `splits`. Images are
    near if their RMS difference is at most `max_rms` grey levels.
    """
    images = ImageSequence([split.images for split in splits.values()])
    labels = np.concatenate([split.labels for split in splits.values()])
    search, counter = DuplicateSearch(images, max_rms), PairCounter(images, labels, max_pairs)
    for pairs in search:
        counter.add(pairs)
    closest = counter.closest()
    return DuplicateReport(
        tables.pair_counts(counter.counts, [*splits], is_complete=search.is_complete),
        tables.pair_table(closest, files, labels, classes),
        [
            (images[first], images[second])
            for pairs in closest
            for first, second in zip(pairs.first, pairs.second, strict=True)
        ],
        search.is_complete,
    )


class PairCounter:
    """Counts pairs and keeps the `max_pairs` closest of each match, in little memory.

    Pairs are sorted by their RMS difference, rounded to `tables.DIGITS` digits. In a tie, pairs
    across splits or classes come first. `labels` is uint8 [images]. `counts` is int64 [matches,
    splits, splits, 2]; the last axis has the pairs of the same class and those of different
    classes.
    """

    def __init__(self, images: ImageSequence, labels: np.ndarray, max_pairs: int):
        self._images, self._labels, self._max_pairs = images, labels, max_pairs
        self._closest: dict[str, DuplicatePairs] = {}
        count = int(images.splits_of(np.array(len(images) - 1))) + 1
        self.counts = np.zeros((len(MATCHES), count, count, 2), np.int64)

    def add(self, pairs: DuplicatePairs) -> None:
        """Count `pairs` and keep the closest."""
        is_mixed = self._labels[pairs.first] != self._labels[pairs.second]
        splits = (self._images.splits_of(pairs.first), self._images.splits_of(pairs.second))
        np.add.at(self.counts[MATCHES.index(pairs.match)], (*splits, is_mixed.astype(int)), 1)
        candidates = _candidates(pairs, self._max_pairs)
        if known := self._closest.get(pairs.match):
            both = zip(known[1:], candidates[1:], strict=True)
            candidates = DuplicatePairs(pairs.match, *map(np.concatenate, both))
        order = self._order(candidates)[: self._max_pairs]
        self._closest[pairs.match] = candidates.take(order)

    def _order(self, pairs: DuplicatePairs) -> np.ndarray:
        first, second, rms = pairs[1:]
        is_alike = (self._labels[first] == self._labels[second]) & (
            self._images.splits_of(first) == self._images.splits_of(second)
        )
        return np.lexsort((second, first, rms, is_alike, rms.round(tables.DIGITS)))

    def closest(self) -> list[DuplicatePairs]:
        """The closest pairs of each match, in the order of `MATCHES`."""
        return [self._closest[match] for match in MATCHES if match in self._closest]


def _candidates(pairs: DuplicatePairs, count: int) -> DuplicatePairs:
    """The `count` closest pairs, and all pairs that tie with the last of these."""
    if len(pairs.rms) <= count:
        return pairs
    rounded = pairs.rms.round(tables.DIGITS)
    return pairs.take(np.flatnonzero(rounded <= np.partition(rounded, count - 1)[count - 1]))
