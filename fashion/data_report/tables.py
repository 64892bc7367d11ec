"""Tables of a dataset: images per class, original sizes, groups in several splits, duplicates."""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from fashion.data_report.duplicates import MATCHES, DuplicatePairs

DIGITS = 2  # of RMS differences
CHANNELS = {1: "greyscale", 3: "colour", 4: "colour_and_alpha"}


def class_counts(labels: Mapping[str, np.ndarray], classes: Sequence[str]) -> pd.DataFrame:
    """Count the images of each class: a column per split of `labels` (uint8 [count]), and `all`."""
    counts = {split: np.bincount(of, minlength=len(classes)) for split, of in labels.items()}
    table = pd.DataFrame({"class": classes} | counts)
    return table.assign(all=table[[*labels]].sum(axis=1))


def image_sizes(files: pd.DataFrame, shape: tuple[int, int]) -> pd.DataFrame:
    """Summarise the original sizes of the images, in a row per split.

    `files` has `split`, `height`, `width` (pixels) and `channels` of each image. `upscaled` counts
    the images with a side shorter than in `shape` (height, width).
    """
    upscaled = (files["height"] < shape[0]) | (files["width"] < shape[1])
    colours = {name: files["channels"] == channels for channels, name in CHANNELS.items()}
    table = files.assign(**colours, upscaled=upscaled).groupby("split", sort=False)
    columns = {"images": table.size()}
    for side in ("height", "width"):
        for name in ("min", "median", "max"):
            columns[f"{side}_{name}"] = table[side].agg(name).astype(int)
    for name in (*colours, "upscaled"):
        columns[name] = table[name].sum()
    return pd.DataFrame(columns).reset_index()


def split_groups(files: pd.DataFrame, splits: Sequence[str]) -> pd.DataFrame:
    """Count the images of each group that is in several of `splits`: a column per split.

    `files` has `split` and, with preprocess.group_by, `group` of each image. Without it, the table
    is empty.
    """
    if "group" not in files:
        return pd.DataFrame(columns=["group", *splits])
    table = pd.crosstab(files["group"], files["split"]).reindex(columns=[*splits], fill_value=0)
    return table.loc[(table > 0).sum(axis=1) > 1].rename_axis(columns=None).reset_index()


def pair_table(
    pairs: Sequence[DuplicatePairs], files: pd.DataFrame, labels: np.ndarray, classes: Sequence[str]
) -> pd.DataFrame:
    """List `pairs` with the split, index, file and class of both images.

    `files` (`split`, `index` and `file`) and `labels` (uint8 [images]) describe all images.
    """
    return pd.concat(
        [
            pd.DataFrame(
                {"match": match, "rms": rms.round(DIGITS)}
                | _columns("1", first, files, labels, classes)
                | _columns("2", second, files, labels, classes)
            )
            for match, first, second, rms in pairs
        ],
        ignore_index=True,
    )


def _columns(
    suffix: str,
    positions: np.ndarray,
    files: pd.DataFrame,
    labels: np.ndarray,
    classes: Sequence[str],
) -> dict[str, np.ndarray]:
    rows = files.iloc[positions]
    columns = {name: rows[name].to_numpy() for name in ("split", "index", "file")}
    columns["class"] = np.array(classes, object)[labels[positions]]
    return {f"{name}_{suffix}": values for name, values in columns.items()}


def pair_counts(counts: np.ndarray, splits: Sequence[str], *, is_complete: bool) -> pd.DataFrame:
    """Count the pairs of each match within and across splits, and those of different classes.

    `counts` is int64 [matches, splits, splits, 2], as in `PairCounter`. If the counts are not
    complete, `near` becomes `near (at least)`.
    """
    rows = []
    for number, match in enumerate(MATCHES):
        name = match if is_complete or match != "near" else "near (at least)"
        for first, second in combinations_with_replacement(range(len(splits)), 2):
            same, different = counts[number, first, second].tolist()
            rows.append((name, splits[first], splits[second], same + different, different))
    return pd.DataFrame(rows, columns=["match", "split_1", "split_2", "pairs", "different_classes"])
