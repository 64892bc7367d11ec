import numpy as np
import pytest

from fashion.inference.tta import SHIFTS, make_views, predict_views

IMAGES = np.random.default_rng(0).integers(1, 256, (3, 6, 5), dtype=np.uint8)


@pytest.mark.parametrize(("kind", "count"), [("none", 1), ("flip", 2), ("flip_shift", 10)])
def test_the_first_view_is_the_image_itself_and_all_differ(kind, count):
    views = list(make_views(IMAGES, kind))
    np.testing.assert_array_equal(views[0], IMAGES)
    assert len({view.tobytes() for view in views}) == len(views) == count


def test_every_view_has_its_mirror():
    views = list(make_views(IMAGES, "flip_shift"))
    for view, mirrored in zip(views[::2], views[1::2], strict=True):
        np.testing.assert_array_equal(view[:, :, ::-1], mirrored)


def test_shifts_go_one_pixel_each_way_and_bring_zeros_in():
    up, down, left, right = list(make_views(IMAGES, "flip_shift"))[2::2]
    np.testing.assert_array_equal(up[:, :-1], IMAGES[:, 1:])
    np.testing.assert_array_equal(down[:, 1:], IMAGES[:, :-1])
    np.testing.assert_array_equal(left[:, :, :-1], IMAGES[:, :, 1:])
    np.testing.assert_array_equal(right[:, :, 1:], IMAGES[:, :, :-1])
    for view, edge in ((up, up[:, -1]), (down, down[:, 0]), (left, left[:, :, -1])):
        assert view.shape == IMAGES.shape
        assert not edge.any()


@pytest.mark.parametrize("kind", SHIFTS)
def test_the_average_is_that_of_all_views(kind):
    def predict(images):
        part = images[:, 0, 0].astype(np.float32) / 255
        return np.stack([part, 1 - part], axis=1)

    expected = np.mean([predict(view) for view in make_views(IMAGES, kind)], axis=0)
    views = predict_views(predict, IMAGES, kind)
    np.testing.assert_array_equal(views[0], predict(IMAGES))
    result = views.mean(axis=0)
    np.testing.assert_allclose(result, expected, rtol=1e-6)
    np.testing.assert_allclose(result.sum(axis=1), 1, rtol=1e-6)
