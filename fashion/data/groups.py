"""Keep images of one object, person or video in one split.

Such images are a group. `preprocess.group_by` finds the group in the name of an image. If a group
were divided, a network could recognise the object instead of its class in the test images.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError
from fashion.data.layout import TEST
from fashion.data.stratified import SplitError, name_ranks
from fashion.names import join_names, quote, with_plural


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
    """Draw the images of `split`, in whole groups.

    Returns the indices of the images that are left and of those that are drawn, both int64 and
    ascending. `labels` is uint8 [count], and `groups` has the group of each image. `params` say
    which fraction of each class is drawn, approximately. The order of drawing depends on the names
    of the groups and the seed, so most groups keep their split when others are added or removed.

    Raises `SplitError` unless each class is in a chosen group and in `min_remaining` others.
    """
    name = "test_fraction" if split == TEST else "validation_images"
    value = getattr(params, name)
    fraction = value if split == TEST else value / len(labels)
    if fraction >= 1:
        raise SplitError(
            f"expected fewer {name} than there are images, found {name} = {value} and "
            f"{with_plural(len(labels), 'image')}; change it in params.yaml, or add images"
        )
    names, numbers = np.unique(groups, return_inverse=True)
    images = np.zeros((len(names), int(labels.max()) + 1), int)  # [groups, classes]
    np.add.at(images, (numbers, labels), 1)
    is_drawn = _draw_groups(
        images, fraction * np.bincount(labels), name_ranks(params.seed, names), min_remaining
    )
    if not images[is_drawn].any(axis=0).all():
        raise SplitError(
            f"{name} = {value} with preprocess.group_by leaves a class without {split} or other "
            f"images: expected at least {min_remaining + 1} groups of each class, found "
            f"{with_plural(len(names), 'group')} and a class with "
            f"{np.count_nonzero(images, axis=0).min()}; change {name} or group_by in params.yaml, "
            "or add images of other groups"
        )
    is_chosen = is_drawn[numbers]
    return np.flatnonzero(~is_chosen), np.flatnonzero(is_chosen)


def _draw_groups(
    images: np.ndarray, wanted: np.ndarray, ranks: np.ndarray, min_remaining: int
) -> np.ndarray:
    """Which groups are drawn: bool [groups].

    `images` has the number of images of each group and class, `wanted` how many to draw of each
    class. In the order of `ranks`, a group is drawn if this brings the numbers nearer to `wanted`.
    Then classes without a drawn group get their smallest. `min_remaining` groups of each class are
    left.
    """
    is_drawn, order = np.zeros(len(images), bool), np.argsort(ranks)
    drawn, left = np.zeros(images.shape[1], int), np.count_nonzero(images, axis=0)
    smallest_first = order[np.argsort(images[order].sum(axis=1), kind="stable")]
    for candidates, is_last in ((order, False), (smallest_first, True)):
        for group in candidates:
            own = images[group]
            is_nearer = np.abs(drawn + own - wanted).sum() < np.abs(drawn - wanted).sum()
            is_needed = is_last and (drawn[own > 0] == 0).any()
            leaves_enough = (left[own > 0] > min_remaining).all()
            if not is_drawn[group] and leaves_enough and (is_nearer or is_needed):
                is_drawn[group] = True
                drawn += own
                left -= own > 0
    return is_drawn
