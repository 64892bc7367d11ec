import numpy as np
import pytest

from fashion.data.checks import DatasetError, check_images, check_labels
from tests.conftest import CLASSES, SHAPE

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
        (IMAGES[:, 1:], LABELS, r"expected images of \(20, 20\) as .*, received \(19, 20\)"),
        (IMAGES[1:], LABELS, "9 images with 10 labels"),
        (np.stack([IMAGES] * 3, axis=-1), LABELS, r"data.channels .*received \(20, 20, 3\)"),
        (IMAGES, LABELS + 1, "expected labels 0 to 4 for the 5 names in data.classes.* received 5"),
        (IMAGES[LABELS != 3], LABELS[LABELS != 3], "at least 1 .* received 0 of the class 'arrow'"),
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
    with pytest.raises(DatasetError, match=r"max_imbalance = 1.99 .*; raise it"):
        check(IMAGES[1:], LABELS[1:], max_imbalance=1.99)


def test_a_class_too_small_for_its_parts_is_named():
    with pytest.raises(DatasetError, match=r"at least 3 .* 2 of the class 'circle'"):
        check_labels("train", LABELS, CLASSES, max_imbalance=1.0, at_least=3)
