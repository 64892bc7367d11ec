"""Tables of a data set: counts of classes, sizes of pictures, duplicates."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fashion.description.duplicates import KINDS, Pair
from fashion.description.images import Images

DIGITS = 2  # of distances
CHANNELS = {1: "greyscale", 3: "colour", 4: "colour_and_alpha"}


def counts(labels: Mapping[str, np.ndarray], classes: Sequence[str]) -> pd.DataFrame:
    """Images of each class: a column for each part of `labels` (uint8 [count]), and their sum."""
    table = pd.DataFrame(
        {part: np.bincount(of, minlength=len(classes)) for part, of in labels.items()}
    )
    table.insert(0, "class", classes)
    return table.assign(all=table[[*labels]].sum(axis=1))


def sizes(files: pd.DataFrame, shape: tuple[int, int]) -> pd.DataFrame:
    """The sizes of the pictures as they are, a row for each part.

    `files` has a row for each picture: `part`, `height`, `width` (pixels) and `channels`. `smaller`
    counts those that were enlarged to the image `shape` (height, width), on one side at least.
    """
    smaller = (files["height"] < shape[0]) | (files["width"] < shape[1])
    kinds = {name: files["channels"] == channels for channels, name in CHANNELS.items()}
    table = files.assign(smaller=smaller, **kinds).groupby("part", sort=False)
    columns = {"pictures": table.size()}
    for side in ("height", "width"):
        for name in ("min", "median", "max"):
            columns[f"{side}_{name}"] = table[side].agg(name).astype(int)
    for name in CHANNELS.values():
        columns[name] = table[name].sum()
    columns["smaller"] = table["smaller"].sum()
    return pd.DataFrame(columns).reset_index()


def pair_table(
    pairs: Sequence[Pair],
    images: Images,
    parts: Sequence[str],
    names: Mapping[str, np.ndarray],
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


def listed(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The first `count` pairs of each kind: those of different parts or classes before others."""
    alike = (table["part_1"] == table["part_2"]) & (table["class_1"] == table["class_2"])
    order = table["kind"].map(KINDS.index)
    ordered = table.assign(order=order, alike=alike).sort_values(
        ["order", "distance", "alike"], kind="stable"
    )
    return ordered.groupby("order").head(count)[[*table.columns]]


def pair_counts(table: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """How many pairs of each kind: within and across parts, and of these of different classes."""
    rows = []
    for kind in KINDS:
        for place, first in enumerate(parts):
            for second in parts[place:]:
                found = table[
                    (table["kind"] == kind)
                    & (table["part_1"] == first)
                    & (table["part_2"] == second)
                ]
                differ = int((found["class_1"] != found["class_2"]).sum())
                rows.append((kind, first, second, len(found), differ))
    return pd.DataFrame(rows, columns=["kind", "part_1", "part_2", "pairs", "different_classes"])
