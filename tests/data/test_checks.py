import re

import numpy as np
import pytest

from fashion.data.checks import DatasetError, check_images, check_labels, check_range
from fashion.data.parts import Part, count_from_zero
from tests.conftest import CLASSES, SHAPE
from tests.data.advice import refused

LABELS = np.repeat(np.arange(5), 2).astype(np.uint8)
IMAGES = np.zeros((10, *SHAPE), np.uint8)
IMAGES[3, 4, 5] = 255


def check(images=IMAGES, labels=LABELS, max_imbalance=1.0):
    check_labels("train", labels, CLASSES, max_imbalance=max_imbalance)
    check_images("train", images, SHAPE, len(labels))


def test_good_data_pass():
    check()


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (IMAGES[:, 1:], LABELS, r"expected images of \(20, 20\) as .*, received \(19, 20\); wri"),
        (
            IMAGES[1:],
            LABELS,
            "as many images as labels, found 9 and 10; take both files from the same",
        ),
        (np.stack([IMAGES] * 3, axis=-1), LABELS, r"data.channels .*received \(20, 20, 3\)"),
        (
            IMAGES[LABELS % 3 > 0],
            LABELS[LABELS % 3 > 0],
            "at least 1 images of each class, found 0 of 'circle', 0 of 'arrow'; add some, or",
        ),
        (
            IMAGES[1:],
            LABELS[1:],
            "largest class, 'square', has 2 images, the smallest, 'circle', 1",
        ),
        (np.minimum(IMAGES, 16), LABELS, "pixels that use the range 0 to 255, received 0 to 16"),
        (np.maximum(IMAGES, 200), LABELS, "range 0 to 255, received 200 to 255"),
    ],
)
def test_data_that_are_not_as_in_params_are_refused(images, labels, reason):
    with pytest.raises(DatasetError, match=f"train: .*{reason}"):
        check(images, labels)


@pytest.mark.parametrize(("low", "high"), [(0, 128), (60, 188), (127, 255)])
def test_pixels_use_more_than_half_of_their_range(low, high):
    images = np.full((10, *SHAPE), low, np.uint8)
    images[7, 0, 0] = high
    check(images)
    images[7, 0, 0] -= 1
    with pytest.raises(DatasetError, match=rf"range 0 to 255, \w+ {low} to {high - 1}"):
        check(images)


def test_imbalance_is_allowed_up_to_its_limit_and_not_past_it():
    check(IMAGES[1:], LABELS[1:], max_imbalance=2.0)
    with pytest.raises(DatasetError, match=r"max_imbalance = 1.99 .*; raise it to 2.0, or add"):
        check(IMAGES[1:], LABELS[1:], max_imbalance=1.99)


@pytest.mark.parametrize("counts", [(3, 7), (7, 22), (100, 299), (1, 3)])
def test_the_limit_that_is_named_is_enough_and_as_many_images_are_too(counts):
    labels = np.repeat([0, 1], counts).astype(np.uint8)

    def check_with(limit, labels=labels):
        check_labels("train", labels, ("a", "b"), max_imbalance=limit)

    message = refused(lambda: check_with(1.5))
    check_with(float(re.search(r"raise it to ([\d.]+),", message)[1]))
    check_with(1.5, np.repeat([0, 1], counts[1:] * 2).astype(np.uint8))


def test_every_class_too_small_for_its_parts_is_named_and_filled_or_removed():
    labels = np.repeat([0, 1, 2], [2, 1, 4]).astype(np.uint8)

    def check_with(labels, classes):
        check_labels("train", labels, classes, max_imbalance=9.0, at_least=3)

    message = refused(lambda: check_with(labels, ("a", "b", "c")))
    assert "at least 3 images of each class, found 2 of 'a', 1 of 'b'; add some, or" in message
    check_with(np.repeat([0, 1], [3, 4]).astype(np.uint8), ("a", "c"))


def renumbered(labels):
    """As docs/own-data.md says under Labels."""
    values = np.unique(np.concatenate(labels))
    return [np.searchsorted(values, part).astype(np.uint8) for part in labels]


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ([1, 2, 3], 2),
        ([1, 2, 3], 10),
        ([0, 1, 2], 2),
        ([0, 1, 2], 5),
        ([0, 2], 2),
        ([0, 2], 3),
        ([2, 3], 2),
        ([2, 3], 3),
        ([2, 3], 4),
        ([0, 9], 2),
        ([5, 255], 3),
        ([1, 3], 3),
    ],
)
def test_labels_and_names_that_do_not_fit_are_told_how_to(found, names):
    labels = [np.array([*found, found[0]], np.uint8), np.array(found, np.uint8)]
    classes = [f"class {label}" for label in range(names)]

    def check_all():
        parts = [Part(np.zeros((0, 1, 1)), part, (), np.zeros(0)) for part in labels]
        check_range([part.labels for part in count_from_zero(parts, len(classes))], classes)

    for _ in range(3):
        message = refused(check_all)
        if "number the labels from 0" in message:
            labels[:] = renumbered(labels)
        if match := re.search(r"list (\d+) names in the order of labels", message):
            classes[:] = [f"class {label}" for label in range(int(match[1]))]
        for match in re.finditer(r"\d+ \('(class \d+)'\)", message):
            classes.remove(match[1])
        if len(classes) == len(found):
            break
    check_all()


def test_labels_that_no_name_has_are_told_with_the_range_that_is_expected():
    with pytest.raises(
        DatasetError,
        match=r"expected labels from 0 to 9, or from 1 to 10, for the 10 names .*, found 1 to 26; "
        "list 26 names in the order of labels",
    ):
        check_range([np.arange(1, 27, dtype=np.uint8)], [str(name) for name in range(10)])


def test_images_of_another_size_are_taken_with_the_lines_that_the_message_names():
    images = np.zeros((2, 7, 9), np.uint8)
    images[0, 0, 0] = 255
    message = refused(lambda: check_images("train", images, (9, 7), 2))
    height, width = re.search(r"`image_height: (\d+)` and `image_width: (\d+)`", message).groups()
    check_images("train", images, (int(height), int(width)), 2)
    message = refused(lambda: check_images("train", images[..., None], (7, 9), 2))
    assert message.endswith("; write them in 3 channels, or greyscale without a last axis")
    check_images("train", np.stack([images] * 3, axis=-1), (7, 9, 3), 2)


def test_pixels_that_are_scaled_to_the_range_are_taken():
    faint = np.minimum(IMAGES, 16)
    assert "; scale them to it" in refused(lambda: check(faint))
    check((faint.astype(float) * 255 / 16).astype(np.uint8))
