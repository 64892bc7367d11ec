import numpy as np
import pytest

from fashion.inspection import DatasetError, check_shape, check_summary, summarize

LABELS = np.repeat(np.arange(10), 2).astype(np.uint8)
IMAGES = np.zeros((20, 28, 28), np.uint8)
IMAGES[3, 4, 5] = 255


def test_a_summary_counts_over_all_chunks():
    summary = summarize("train", [(IMAGES[:7], LABELS[:7]), (IMAGES[7:], LABELS[7:])])
    assert summary.class_counts.tolist() == [2] * 10
    assert (summary.low, summary.high) == (0, 255)
    check_summary("train", summary, max_imbalance=1.0)


def test_a_label_without_a_class_is_refused():
    with pytest.raises(DatasetError, match="train: expected labels 0 to 9, found 10"):
        summarize("train", [(IMAGES, LABELS + 1)])


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (IMAGES[LABELS != 3], LABELS[LABELS != 3], "no image of the class 'Dress'"),
        (IMAGES[1:], LABELS[1:], "largest class has 2 images, the smallest 1"),
        (np.minimum(IMAGES, 1), LABELS, "expected pixels from 0 to 255, found 0 to 1"),
        (np.maximum(IMAGES, 1), LABELS, "expected pixels from 0 to 255, found 1 to 255"),
    ],
)
def test_a_data_set_out_of_shape_is_refused(images, labels, reason):
    with pytest.raises(DatasetError, match=reason):
        check_summary("train", summarize("train", [(images, labels)]), max_imbalance=1.0)


def test_imbalance_is_allowed_up_to_its_limit_and_not_past_it():
    summary = summarize("train", [(IMAGES[1:], LABELS[1:])])
    check_summary("train", summary, max_imbalance=2.0)
    with pytest.raises(DatasetError, match="largest class has 2 images"):
        check_summary("train", summary, max_imbalance=1.99)


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        ((20, 28, 29), (20,), r"expected images of \(28, 28\), found \(28, 29\)"),
        ((20, 28, 28), (19,), "20 images with 19 labels"),
        ((0, 28, 28), (0,), "0 images with 0 labels"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(images, labels, reason):
    with pytest.raises(DatasetError, match=reason):
        check_shape("train", images, labels)
