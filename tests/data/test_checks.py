import re

import numpy as np
import pytest

from fashion.data.checks import (
    DatasetError,
    check_class_sizes,
    check_images,
    check_label_range,
)
from tests.conftest import CLASSES, SHAPE
from tests.data.advice import refused

LABELS = np.repeat(np.arange(5), 2).astype(np.uint8)
IMAGES = np.zeros((10, *SHAPE), np.uint8)
IMAGES[3, 4, 5] = 255


def check_sizes(labels, max_imbalance=1.0, min_images=1, classes=CLASSES):
    check_class_sizes("train", labels, classes, max_imbalance=max_imbalance, min_images=min_images)


def test_valid_data_pass():
    check_sizes(LABELS)
    check_images("train", IMAGES, SHAPE, 10)
    check_label_range([LABELS, LABELS], CLASSES)


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        (IMAGES[:, 1:], r"expected images of shape \(20, 20\).* found \(19, 20\); write `image_h"),
        (np.stack([IMAGES] * 3, axis=-1), r"found \(20, 20, 3\); write them with 3 channels, or "),
        (IMAGES[1:], "expected as many images as labels, found 9 images and 10 labels"),
        (np.minimum(IMAGES, 16), "expected pixels from 0 to 255, found 0 to 16; scale them"),
        (np.maximum(IMAGES, 200), "expected pixels from 0 to 255, found 200 to 255"),
    ],
)
def test_wrong_images_are_refused(images, reason):
    with pytest.raises(DatasetError, match=f"train: .*{reason}"):
        check_images("train", images, SHAPE, 10)


@pytest.mark.parametrize(("low", "high"), [(0, 128), (127, 255)])
def test_pixels_must_span_more_than_half_of_the_range(low, high):
    images = np.full((10, *SHAPE), low, np.uint8)
    images[7, 0, 0] = high
    check_images("train", images, SHAPE, 10)
    images[7, 0, 0] -= 1
    with pytest.raises(DatasetError, match=f"found {low} to {high - 1}"):
        check_images("train", images, SHAPE, 10)


@pytest.mark.parametrize("counts", [(3, 7), (100, 299), (1, 3)])
def test_the_suggested_imbalance_is_enough(counts):
    labels = np.repeat([0, 1], counts).astype(np.uint8)
    message = refused(lambda: check_sizes(labels, 1.5, classes=("a", "b")))
    suggested = float(re.search(r"raise it to ([\d.]+),", message)[1])
    check_sizes(labels, suggested, classes=("a", "b"))
    refused(lambda: check_sizes(labels, suggested - 0.02, classes=("a", "b")))


def test_every_class_that_is_too_small_is_named():
    labels = np.repeat([0, 1, 2], [2, 1, 4]).astype(np.uint8)
    message = refused(lambda: check_sizes(labels, 9.0, 3, ("a", "b", "c")))
    assert message.startswith("train: expected at least 3 images of each class, found 2 of 'a', 1")


@pytest.mark.parametrize(
    ("labels", "count"),
    [
        ([1, 2, 3], 2),
        ([0, 1, 2], 2),
        ([0, 1, 2], 5),
        ([0, 2], 2),
        ([0, 2], 3),
        ([2, 3], 4),
        ([5, 255], 3),
    ],
)
def test_labels_that_do_not_match_the_class_names_are_refused_with_the_right_number(labels, count):
    message = refused(lambda: check_label_range([np.array(labels, np.uint8)], ["x"] * count))
    assert f"has {count} names" in message
    assert f"list {len(labels)} names in the order of labels" in message
    check_label_range([np.arange(len(labels), dtype=np.uint8)], ["x"] * len(labels))
