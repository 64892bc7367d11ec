import numpy as np

from fashion.data.duplicates import in_both


def test_equal_images_are_found_wherever_they_stand():
    first = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3), dtype=np.uint8)
    second = np.concatenate([first[4:5], 255 - first[:2], first[1:2], first[4:5]])
    assert in_both(first, second) == [(4, 0), (1, 3), (4, 4)]


def test_images_that_differ_by_one_level_are_not_equal():
    image = np.zeros((1, 3, 3), np.uint8)
    assert in_both(image, image + 1) == []


def test_every_one_of_many_images_is_found_among_many_others():
    images = np.arange(512, dtype=np.uint16).view(np.uint8).reshape(512, 1, 2)
    known, others = images[:256], images[256:]
    assert in_both(known, images[::-1]) == [(place, 511 - place) for place in range(255, -1, -1)]
    assert in_both(known[:1], others) == []
    assert in_both(known[[3, 3]], known[2:5]) == [(0, 1)]  # the first of equal ones
