"""The content of a split, and the choice of training, validation and test images."""

import csv
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError, check_class_sizes
from fashion.data.groups import find_groups, grouped_split
from fashion.data.layout import SPLITS, TEST, TRAIN, VALIDATION
from fashion.data.stratified import split_off_test, stratified_split
from fashion.names import quote

SIZE = ("height", "width", "channels")


class ImageList(NamedTuple):
    """Image files that are not read yet: their paths relative to the folder `raw`, and labels.

    `labels` is uint8 [files].
    """

    raw: Path
    files: Sequence[str]
    labels: np.ndarray


class Split(NamedTuple):
    """Images of one shape with their labels and origins.

    `images` is uint8 [count, *image_shape], memory-mapped, and `labels` uint8 [count]. `files`
    names the file of each image. `sizes` (int32 [count, 3]) has its original height, width and
    channels: 1 (greyscale), 3 (colour) or 4 (colour and alpha).
    """

    images: np.ndarray
    labels: np.ndarray
    files: Sequence[str]
    sizes: np.ndarray


# By split: the source of its images, and their indices in that source (int64, ascending). A source
# is named after its split; the images of `train` are divided among the splits without a source.
SplitIndices = dict[str, tuple[str, np.ndarray]]


def image_shape(height: int, width: int, channels: int) -> tuple[int, ...]:
    """The shape of an image: (height, width) in greyscale, (height, width, channels) in colour."""
    return (height, width) if channels == 1 else (height, width, channels)


def split_indices(
    sources: Mapping[str, ImageList | Split],
    classes: Sequence[str],
    params: Preprocess,
    *,
    by_name: bool = True,
) -> SplitIndices:
    """Choose the images of train, validation and test.

    `sources` are the images of `train` and perhaps of `validation` and `test`, which stay as they
    are. Other validation and test images are taken from `train`. With `by_name`, the choice depends
    on the names of the files, so most images keep their split when others are added or removed.
    Otherwise it depends on their order. With `params.group_by`, images of a group stay together.

    Raises `DatasetError` or `SplitError` if a class is too small, or if the group of an image is
    unknown.
    """
    if params.group_by and not by_name:
        raise DatasetError(
            "preprocess.group_by in params.yaml: expected null, because images in IDX files have "
            f"no names, found {quote(params.group_by.pattern)}; write `group_by: null`"
        )
    drawn = [split for split in (TEST, VALIDATION) if split not in sources]
    for split, source in sources.items():
        min_images = 1 + len(drawn) if split == TRAIN else 1
        check_class_sizes(split, source.labels, classes, min_images=min_images)
    groups = _groups(sources, params.group_by)[TRAIN]
    indices = {split: (split, np.arange(len(source.labels))) for split, source in sources.items()}
    first, remaining = sources[TRAIN], indices[TRAIN][1]
    for min_remaining, split in zip(range(len(drawn), 0, -1), drawn, strict=True):
        labels = first.labels[remaining]
        files = [first.files[index] for index in remaining.tolist()] if by_name else []
        if params.group_by:
            of_images = [groups[index] for index in remaining.tolist()]
            kept, taken = grouped_split(labels, of_images, split, params, min_remaining)
        elif split == TEST:
            fraction, seed = params.test_fraction, params.seed
            kept, taken = split_off_test(labels, fraction, seed, files, min_remaining=min_remaining)
        else:
            kept, taken = stratified_split(labels, params.validation_images, params.seed, files)
        indices[split], remaining = (TRAIN, remaining[taken]), remaining[kept]
    indices[TRAIN] = (TRAIN, remaining)
    return {split: indices[split] for split in SPLITS}


def _groups(
    sources: Mapping[str, ImageList | Split], group_by: re.Pattern[str] | None
) -> dict[str, list[str]]:
    """The group of each image of each source; empty lists without `group_by`."""
    if group_by is None:
        return {split: [] for split in sources}
    files = [file for source in sources.values() for file in source.files]
    found = iter(find_groups(files, group_by))  # all at once, so that an error names all
    return {split: list(islice(found, len(source.files))) for split, source in sources.items()}


def write_file_table(
    path: str | Path,
    sources: Mapping[str, Split],
    indices: SplitIndices,
    group_by: re.Pattern[str] | None,
) -> None:
    """Write a CSV table with the origin and original size of every image of every split.

    With `group_by`, the last column is the group of the image.
    """
    groups = _groups(sources, group_by)
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["split", "index", "file", *SIZE, *(["group"] if group_by else [])])
        for split, (position, chosen) in indices.items():
            files, sizes = sources[position].files, sources[position].sizes
            table.writerows(
                (split, number, files[index], *sizes[index], *groups[position][index : index + 1])
                for number, index in enumerate(chosen)
            )
