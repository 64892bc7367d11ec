"""The content of a split, and the choice of training, validation and test images."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fashion.config.stages import Preprocess
from fashion.data.checks import check_class_sizes
from fashion.data.stratified import split_off_test, stratified_split

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


# By split: the index of the source of its images, and their indices in that source (int64,
# ascending).
SplitIndices = dict[str, tuple[int, np.ndarray]]


def image_shape(height: int, width: int, channels: int) -> tuple[int, ...]:
    """The shape of an image: (height, width) in greyscale, (height, width, channels) in colour."""
    return (height, width) if channels == 1 else (height, width, channels)


def split_indices(
    sources: Sequence[ImageList | Split],
    classes: Sequence[str],
    params: Preprocess,
    *,
    by_name: bool = True,
) -> SplitIndices:
    """Choose the images of train, validation and test.

    `sources` are the training and the test images, or one source for both. With `by_name`, the
    choice depends on the names of the files, so most images keep their split when others are
    added or removed. Otherwise it depends on their order.

    Raises `DatasetError` or `SplitError` if a class is too small.
    """
    source_splits = 4 - len(sources)  # how many splits the first source is divided into
    for name, count, source in zip(("train", "test"), (source_splits, 1), sources, strict=False):
        check_class_sizes(name, source.labels, classes, min_images=count)
    first, last = sources[0], sources[-1]
    remaining, test = np.arange(len(first.labels)), np.arange(len(last.labels))
    if len(sources) == 1:
        remaining, test = split_off_test(
            first.labels, params.test_fraction, params.seed, first.files
        )
    names = [first.files[index] for index in remaining.tolist()] if by_name else ()
    labels = first.labels[remaining]
    train, validation = stratified_split(labels, params.validation_images, params.seed, names)
    return {
        "train": (0, remaining[train]),
        "validation": (0, remaining[validation]),
        "test": (len(sources) - 1, test),
    }


def write_file_table(path: str | Path, sources: Sequence[Split], indices: SplitIndices) -> None:
    """Write a CSV table with the origin and original size of every image of every split."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["split", "index", "file", *SIZE])
        for split, (position, chosen) in indices.items():
            files, sizes = sources[position].files, sources[position].sizes
            table.writerows(
                (split, number, files[index], *sizes[index]) for number, index in enumerate(chosen)
            )
