"""Keep images of one object, person or video in one split.

Such images are a group. `preprocess.group_by` finds the group in the name of an image. If a group
were divided, a network could recognise the object instead of its class in the test images.
"""

import math
import re
import unicodedata
import warnings
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError
from fashion.data.layout import TEST
from fashion.data.stratified import SplitError
from fashion.names import join_names, quote, with_plural

MAX_FOLDS = 10  # more if a smaller fraction is drawn


def find_groups(files: Sequence[str], pattern: re.Pattern[str]) -> list[str]:
    """Return the group of each of `files`: the text that `pattern` matches in its name.

    The name is `CLASS/FILE`, without the folder of the split. If the pattern has groups in
    parentheses, the text of the first one counts. Raises `DatasetError` if the pattern matches
    nothing in some names.
    """
    names = ("/".join(unicodedata.normalize("NFC", file).split("/")[-2:]) for file in files)
    matches = [pattern.search(name) for name in names]
    groups = [match[min(pattern.groups, 1)] if match else None for match in matches]
    if missing := [file for file, group in zip(files, groups, strict=True) if not group]:
        raise DatasetError(
            f"preprocess.group_by in params.yaml: expected a match of {quote(pattern.pattern)} in "
            f"CLASS/FILE of every image, found none in {with_plural(len(missing), 'image')}: "
            f"{join_names(missing)}; change the expression, or rename the images"
        )
    return [group for group in groups if group]


def grouped_split(
    labels: np.ndarray, groups: Sequence[str], split: str, params: Preprocess, min_remaining: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide images into those of `split` and all others.

    Returns the indices of the others, then those of `split`, both int64 and ascending. `labels` is
    uint8 [count], and `groups` has the group of each image. About the fraction of each class that
    `params` ask for becomes test or validation images, in whole groups: scikit-learn's
    `StratifiedGroupKFold` divides the images into folds, some of which are chosen.

    Raises `SplitError` unless each class is in a chosen group and in `min_remaining` others.
    """
    numbers, sizes = np.unique(groups, return_inverse=True)[1], np.bincount(labels)
    name = "test_fraction" if split == TEST else "validation_images"
    value = getattr(params, name)
    fraction = value if split == TEST else value / len(labels)
    limit = max(MAX_FOLDS, math.ceil(1 / fraction))
    folds = max(Fraction(fraction).limit_denominator(limit).denominator, 2)
    largest = min(folds, int(numbers.max()) + 1, int(sizes.max()))
    fewest = _fewest_groups(labels, numbers, len(sizes))
    # With fewer folds, each is larger and more likely to have images of each class.
    for count in range(largest, 1, -1) if fewest > min_remaining and fraction < 1 else ():
        length = min(max(round(fraction * count), 1), count - 1)
        choices: list[tuple[float, int, np.ndarray, np.ndarray]] = []
        for drawn in _neighbouring_folds(labels, numbers, count, length, params.seed):
            rest = np.setdiff1d(np.arange(len(labels)), drawn)
            if (
                _fewest_groups(labels[drawn], numbers[drawn], len(sizes)) >= 1
                and _fewest_groups(labels[rest], numbers[rest], len(sizes)) >= min_remaining
            ):
                deviation = np.abs(np.bincount(labels[drawn]) - fraction * sizes).sum()
                choices.append((deviation, len(choices), rest, np.sort(drawn)))
        if choices:
            return min(choices)[2:]
    raise SplitError(
        f"{name} = {value} with preprocess.group_by leaves a class without {split} or other "
        f"images: expected at least {min_remaining + 1} groups of each class, found "
        f"{with_plural(numbers.max() + 1, 'group')} and a class with {fewest}; change {name} or "
        "group_by in params.yaml, or add images of other groups"
    )


def _neighbouring_folds(
    labels: np.ndarray, numbers: np.ndarray, count: int, length: int, seed: int
) -> list[np.ndarray]:
    """The indices in each choice of `length` neighbouring folds out of `count`."""
    from sklearn.model_selection import StratifiedGroupKFold  # slow to import, seldom needed

    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings(action="ignore"):  # about classes with fewer images than folds
        folds = [fold for _, fold in splitter.split(labels, labels, numbers)] * 2
    return [np.concatenate(folds[start : start + length]) for start in range(count)]


def _fewest_groups(labels: np.ndarray, numbers: np.ndarray, classes: int) -> int:
    """The number of groups of the class that is in the fewest groups."""
    pairs = np.unique(np.stack([labels, numbers]), axis=1)
    return int(np.bincount(pairs[0], minlength=classes).min())
