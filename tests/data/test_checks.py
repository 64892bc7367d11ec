from collections import namedtuple

import numpy as np
import pytest

from fashion.data.checks import (
    DatasetError,
    check_class_sizes,
    check_disk_space,
    check_images,
    check_label_range,
    describe_imbalance,
)
from tests.conftest import CLASSES, SHAPE
from tests.data.advice import refused

LABELS = np.repeat(np.arange(5), 2).astype(np.uint8)
IMAGES = np.zeros((10, *SHAPE), np.uint8)
IMAGES[3, 4, 5] = 255


def labels_of(counts):
    return np.repeat(np.arange(len(counts)), counts).astype(np.uint8)


def test_valid_data_pass():
    check_class_sizes("train", labels_of([2] * 5), CLASSES, min_images=2)
    check_images("train", IMAGES, SHAPE, 10)
    check_images("train", np.minimum(IMAGES, 128), SHAPE, 10)
    check_label_range([LABELS, LABELS], CLASSES)


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        (IMAGES[:, 1:], r"expected images of shape \(20, 20\).* found \(19, 20\)"),
        (np.stack([IMAGES] * 3, axis=-1), r"found \(20, 20, 3\); write them with 3 channels, or "),
        (IMAGES[1:], "expected as many images as labels, found 9 images and 10 labels"),
        (np.minimum(IMAGES, 127), "expected pixels from 0 to 255, found 0 to 127; scale them"),
        (np.maximum(IMAGES, 200), "expected pixels from 0 to 255, found 200 to 255"),
    ],
)
def test_wrong_images_are_refused(images, reason):
    with pytest.raises(DatasetError, match=f"train: .*{reason}"):
        check_images("train", images, SHAPE, 10)


def test_unequal_classes_are_named_with_their_ratio():
    labels = labels_of([5, 2, 4])
    assert describe_imbalance(labels, CLASSES[:3], max_imbalance=2.5) == ""
    message = describe_imbalance(labels, CLASSES[:3], max_imbalance=2.4)
    assert message.startswith("5 images of 'circle', 2 of 'square': a ratio of 2.50, above")
    assert "fit.class_weights: balanced" in message


def test_every_class_that_is_too_small_is_named():
    labels = labels_of([2, 1, 4])
    message = refused(lambda: check_class_sizes("train", labels, list("abc"), min_images=3))
    assert "at least 3 images of each class, found 2 of 'a', 1" in message


@pytest.mark.parametrize(
    ("labels", "count"), [([1, 2, 3], 2), ([0, 1, 2], 2), ([0, 1, 2], 5), ([2, 3], 4)]
)
def test_labels_that_do_not_match_the_class_names_are_refused_with_the_right_number(labels, count):
    message = refused(lambda: check_label_range([np.array(labels, np.uint8)], ["x"] * count))
    assert f"has {count} names" in message
    assert f"list {len(labels)} names in the order of labels" in message
    check_label_range([np.arange(len(labels), dtype=np.uint8)], ["x"] * len(labels))


def test_too_little_disk_space_is_refused_before_it_is_taken(tmp_path, monkeypatch, capsys):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(2 * 3000 * 1000 * 3))
    check_disk_space(tmp_path / "new", 3000, (50, 20, 3))
    assert capsys.readouterr().out == f"{tmp_path}/new takes 9.0 MB: 3000 images of 50x20x3 bytes\n"
    message = refused(lambda: check_disk_space(tmp_path, 3001, (50, 20, 3)))
    assert "expected 18.0 MB of free disk, twice the size of 3001 images" in message
