"""Which images train, which validate and which test: of two parts, or of one that is divided."""

from collections.abc import Sequence

import numpy as np

from fashion.config.stages import Preprocess
from fashion.data.checks import check_labels
from fashion.data.folders import ImageList
from fashion.data.parts import Part
from fashion.data.stratified import split_off_tests, stratified_split

SplitIndices = dict[
    str, tuple[int, np.ndarray]
]  # of which part an output's images are, and which rows


def divide(
    parts: Sequence[ImageList | Part],
    classes: Sequence[str],
    params: Preprocess,
    *,
    by_name: bool = True,
) -> SplitIndices:
    """The rows for each output, of `parts`: training and test images, or all in one.

    With `by_name`, an image stays where it is when others come and go. Raises `DatasetError` or
    `SplitError` if a class is too small for that, or the classes too unequal.
    """
    at_least = 4 - len(parts)  # one for each output made of it
    for name, count, part in zip(("train", "test"), (at_least, 1), parts, strict=False):
        limit = params.max_imbalance
        check_labels(name, part.labels, classes, max_imbalance=limit, at_least=count)
    first, last = parts[0], parts[-1]
    rest, tests = np.arange(len(first.labels)), np.arange(len(last.labels))
    if len(parts) == 1:
        fraction = params.test_fraction
        rest, tests = split_off_tests(first.labels, fraction, params.seed, first.files)
    names = [first.files[row] for row in rest.tolist()] if by_name else ()
    labels = first.labels[rest]
    train, validation = stratified_split(labels, params.validation_images, params.seed, names)
    return {
        "train": (0, rest[train]),
        "validation": (0, rest[validation]),
        "test": (len(parts) - 1, tests),
    }
