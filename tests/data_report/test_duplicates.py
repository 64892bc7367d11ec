"""Duplicates are those that a comparison of all pixels of all pairs finds."""

import numpy as np
import pytest

from fashion.data_report import duplicates, projection
from fashion.data_report.duplicates import MATCHES, DuplicateSearch, rms
from fashion.data_report.image_sequence import ImageSequence


def find_pairs(*splits, limit):
    """All pairs as tuples: equal, mirrored and then near ones."""
    found = [
        (pairs.match, *row)
        for pairs in DuplicateSearch(ImageSequence(splits), limit)
        for row in zip(*(column.tolist() for column in pairs[1:]), strict=True)
    ]
    return sorted(found, key=lambda pair: (MATCHES.index(pair[0]), *pair[1:]))


def some_images(count, shape=(20, 24), seed=0):
    """Images of a few grey areas each, so that some are near others."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 3, 3, *shape[2:]), dtype=np.uint8)
    fine = coarse.repeat(-(-shape[0] // 3), 1).repeat(-(-shape[1] // 3), 2)
    return fine[:, : shape[0], : shape[1]]


def film(count):
    """Images that are all near one another, like the frames of a film."""
    return np.random.default_rng(0).integers(100, 103, (count, 20, 24), dtype=np.uint8)


@pytest.mark.parametrize(("shape", "limit"), [((9, 31), 55.0), ((20, 24, 3), 75.0)])
def test_near_pairs_are_those_of_a_comparison_of_all_pixels(shape, limit):
    images = some_images(150, shape)
    expected = {
        (one, other): rms(images[one], images[other])
        for one in range(150)
        for other in range(one + 1, 150)
        if rms(images[one], images[other]) <= limit
    }
    assert len(expected) > 10
    found = find_pairs(images[:60], images[60:], limit=limit)
    assert {(first, second): value for _, first, second, value in found} == expected
    assert len(found) == len(expected)


def test_equal_and_mirrored_images_are_paired_with_the_first_of_them():
    images = some_images(3)
    images = np.concatenate([images, images[[1, 1]], images[2:, :, ::-1]])
    assert find_pairs(images, limit=0.0) == [
        ("equal", 1, 3, 0.0),
        ("equal", 1, 4, 0.0),
        ("mirrored", 2, 5, rms(images[2], images[5])),
    ]
    blank = np.zeros((1001, 8, 8), np.uint8)
    assert len(find_pairs(blank, limit=5.0)) == 1000, "not a million"


def test_all_of_very_many_near_pairs_are_found_in_blocks_of_any_size(monkeypatch):
    monkeypatch.setattr(projection, "BLOCK", 50)
    monkeypatch.setattr(projection, "WIDTH", 70)
    monkeypatch.setattr(projection, "BLOCK_BYTES", 8 * 20 * 24 * 11)
    found = find_pairs(film(130), limit=3.0)
    assert len({pair[1:3] for pair in found}) == len(found) == 130 * 129 // 2


def test_the_search_stops_after_the_most_work_and_says_so(monkeypatch):
    monkeypatch.setattr(projection, "BLOCK", 10)
    monkeypatch.setattr(duplicates, "MAX_WORK", 1000 * (20 * 24 + duplicates.PAIR_WORK))
    for count, is_complete in ((60, False), (30, True)):
        search = DuplicateSearch(ImageSequence([film(count)]), 3.0)
        found = sum(len(pairs.first) for pairs in search)
        assert search.is_complete == is_complete
        assert 0 < found <= 1000


def test_images_at_the_limit_are_near_and_just_above_are_not():
    flat = np.full((3, 6, 6), 100, np.uint8)
    flat[1], flat[2] = 103, 106
    assert find_pairs(flat, limit=3.0) == [("near", 0, 1, 3.0), ("near", 1, 2, 3.0)]
    assert find_pairs(flat, limit=np.nextafter(3.0, 0)) == []
