"""Tables of a data set: counts of classes, sizes of images, duplicates."""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from fashion.data_report.images import Images
from fashion.data_report.near_duplicates import KINDS, NONE, Pair, Pairs

DIGITS = 2  # of distances
AT_LEAST = "near (at least)"
CHANNELS = {1: "greyscale", 3: "colour", 4: "colour_and_alpha"}


def counts(labels: Mapping[str, np.ndarray], classes: Sequence[str]) -> pd.DataFrame:
    """Images of each class: a column for each part of `labels` (uint8 [count]), and their sum."""
    table = pd.DataFrame(
        {part: np.bincount(of, minlength=len(classes)) for part, of in labels.items()}
    )
    table.insert(0, "class", classes)
    return table.assign(all=table[[*labels]].sum(axis=1))


def sizes(files: pd.DataFrame, shape: tuple[int, int]) -> pd.DataFrame:
    """The sizes of the images as they are, a row for each part.

    `files` has a row for each image: `part`, `height`, `width` (pixels) and `channels`. `smaller`
    counts those that were enlarged to the image `shape` (height, width), on one side at least.
    """
    smaller = (files["height"] < shape[0]) | (files["width"] < shape[1])
    kinds = {name: files["channels"] == channels for channels, name in CHANNELS.items()}
    table = files.assign(smaller=smaller, **kinds).groupby("part", sort=False)
    columns = {"images": table.size()}
    for side in ("height", "width"):
        for name in ("min", "median", "max"):
            columns[f"{side}_{name}"] = table[side].agg(name).astype(int)
    for name in CHANNELS.values():
        columns[name] = table[name].sum()
    columns["smaller"] = table["smaller"].sum()
    return pd.DataFrame(columns).reset_index()


class Tally:
    """Pairs of alike images, counted, and the first `count` of each kind, without a list of all.

    The first are the closest, to a hundredth of a grey level, and of equally close ones those of
    different parts or classes. `labels` is uint8 [images].
    """

    def __init__(self, images: Images, labels: np.ndarray, count: int):
        self._images, self._labels, self._count = images, labels, count
        self._pairs = {kind: Pairs(kind, *NONE) for kind in KINDS}
        self.counts = np.zeros((len(KINDS), images.parts, images.parts, 2), np.int64)

    def add(self, found: Pairs) -> None:
        """Count pairs of one kind and keep the first."""
        differ = self._labels[found.first] != self._labels[found.second]
        parts = (self._images.parts_of(found.first), self._images.parts_of(found.second))
        np.add.at(self.counts[KINDS.index(found.kind)], (*parts, differ.astype(int)), 1)
        both = [
            np.concatenate(columns)
            for columns in zip(
                self._pairs[found.kind][1:], _closest(found, self._count)[1:], strict=True
            )
        ]
        self._pairs[found.kind] = Pairs(found.kind, *both).take(self._order(*both)[: self._count])

    def _order(self, first: np.ndarray, second: np.ndarray, distance: np.ndarray) -> np.ndarray:
        alike = (self._labels[first] == self._labels[second]) & (
            self._images.parts_of(first) == self._images.parts_of(second)
        )
        return np.lexsort((second, first, distance, alike, distance.round(DIGITS)))

    def first(self) -> list[Pair]:
        """The first pairs of each kind, by kind."""
        return [pair for kind in KINDS for pair in self._pairs[kind].each()]


def _closest(pairs: Pairs, count: int) -> Pairs:
    """The `count` closest `pairs` and those as close as the last of them, to `DIGITS`."""
    if len(pairs.distance) <= count:
        return pairs
    distance = pairs.distance.round(DIGITS)
    return pairs.take(np.flatnonzero(distance <= np.partition(distance, count - 1)[count - 1]))


def pair_table(
    pairs: Sequence[Pair],
    images: Images,
    parts: Sequence[str],
    names: Mapping[str, pd.Categorical | np.ndarray],
    files: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """A row for each pair: its kind, its distance, and part, class and file of both images.

    `parts` names those of `images`; `names` and `files` are class and file of each image of a part.
    """
    rows = []
    for pair in pairs:
        row = {"kind": pair.kind, "distance": round(pair.distance, DIGITS)}
        for number, position in (("1", pair.first), ("2", pair.second)):
            place, within = images.place(position)
            part = parts[place]
            row[f"part_{number}"] = part
            row[f"class_{number}"] = names[part][within]
            row[f"file_{number}"] = files[part][within]
        rows.append(row)
    columns = [
        "kind",
        "distance",
        *(f"{name}_{n}" for n in (1, 2) for name in ("part", "class", "file")),
    ]
    return pd.DataFrame(rows, columns=columns)


def pair_counts(counts: np.ndarray, parts: Sequence[str], *, is_complete: bool) -> pd.DataFrame:
    """How many pairs of each kind: within and across parts, and of these of different classes.

    `counts` are those of a `Tally`. Where they are not complete, `near` is called `AT_LEAST`.
    """
    rows = []
    for number, kind in enumerate(KINDS):
        name = kind if is_complete or kind != "near" else AT_LEAST
        for first, second in combinations_with_replacement(range(len(parts)), 2):
            same, differ = counts[number, first, second].tolist()
            rows.append((name, parts[first], parts[second], same + differ, differ))
    return pd.DataFrame(rows, columns=["kind", "split_1", "split_2", "pairs", "different_classes"])
