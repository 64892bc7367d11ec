import numpy as np
import pytest
from scipy.special import softmax

from fashion.evaluation.tta import SHIFTS, average, make_views, predict_average

IMAGES = np.random.default_rng(0).integers(1, 256, (3, 6, 5), dtype=np.uint8)


@pytest.mark.parametrize(("tta", "count"), [("none", 1), ("flip", 2), ("flip_shift", 10)])
def test_views_start_with_the_image_itself_and_differ(tta, count):
    views = list(make_views(IMAGES, tta))
    np.testing.assert_array_equal(views[0], IMAGES)
    assert len({view.tobytes() for view in views}) == len(views) == count


def test_shifts_move_by_one_pixel_and_fill_with_zeros():
    up, down, left, right = list(make_views(IMAGES, "flip_shift"))[2::2]
    np.testing.assert_array_equal(up[:, :-1], IMAGES[:, 1:])
    np.testing.assert_array_equal(down[:, 1:], IMAGES[:, :-1])
    np.testing.assert_array_equal(left[:, :, :-1], IMAGES[:, :, 1:])
    np.testing.assert_array_equal(right[:, :, 1:], IMAGES[:, :, :-1])
    for view, edge in ((up, up[:, -1]), (down, down[:, 0]), (left, left[:, :, -1])):
        assert view.shape == IMAGES.shape
        assert not edge.any()


@pytest.mark.parametrize("tta", SHIFTS)
def test_predictions_of_batches_are_averaged_over_views(tta):
    def predict(images):
        part = images[:, 0, 0].astype(np.float32) / 256
        return np.stack([part, 1 - part], axis=1)

    views = np.stack([predict(view) for view in make_views(IMAGES, tta)])
    single, averages = predict_average(predict, IMAGES, tta, batch_size=2)
    np.testing.assert_array_equal(single, views[0])
    np.testing.assert_array_equal(averages, average(views))


def test_the_average_of_views_is_that_of_their_logits():
    logits = np.random.default_rng(1).normal(size=(4, 3, 5))
    np.testing.assert_allclose(average(softmax(logits, axis=2)), softmax(logits.mean(0), axis=1))


def test_the_order_of_the_average_does_not_depend_on_the_temperature():
    logits = 9 * np.random.default_rng(2).normal(size=(10, 500, 5))
    cold, warm = (average(softmax(logits / t, axis=2)).argmax(axis=1) for t in (0.6, 1.7))
    np.testing.assert_array_equal(cold, warm)


def test_a_probability_of_zero_has_a_finite_average():
    assert np.isfinite(average(np.array([[[1.0, 0.0]], [[0.5, 0.5]]]))).all()
