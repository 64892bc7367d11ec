"""Duplicates are those that comparing all pixels of all pairs would give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.description import duplicates
from fashion.description.duplicates import Pair, candidates, cell_means, find_pairs, rms
from fashion.description.images import Images


def some_images(count, shape=(20, 24), seed=0):
    """Images of a few grey areas each, so that some are near others."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 3, 3, *shape[2:]), dtype=np.uint8)
    return coarse.repeat(-(-shape[0] // 3), 1).repeat(-(-shape[1] // 3), 2)[
        :, : shape[0], : shape[1]
    ]


def nearest_pairs(images, limit):
    """Every pair at most `limit` apart, by brute force."""
    places = range(len(images))
    return {
        (one, other)
        for one in places
        for other in places
        if one < other and rms(images[one], images[other]) <= limit
    }


@pytest.mark.parametrize(
    ("shape", "limit"), [((20, 24), 55.0), ((9, 31), 55.0), ((20, 24, 3), 75.0)]
)
def test_near_pairs_are_those_of_a_comparison_of_all_pixels(shape, limit):
    images = some_images(150, shape)
    expected = nearest_pairs(images, limit)
    assert len(expected) > 10
    found = find_pairs(Images([images[:60], images[60:]]), limit)
    assert {(pair.first, pair.second) for pair in found} == expected
    assert [pair.distance for pair in found] == sorted(pair.distance for pair in found)


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([(), (3,)]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_cells_are_never_further_apart_than_pixels(height, width, channels, seed):
    images = np.random.default_rng(seed).integers(0, 256, (2, height, width, *channels), np.uint8)
    cells = cell_means(Images([images]))
    assert np.linalg.norm(cells[0] - cells[1]) <= rms(*images) + 0.01


def test_candidates_are_found_across_blocks(monkeypatch):
    monkeypatch.setattr(duplicates, "BLOCK", 7)
    monkeypatch.setattr(duplicates, "WIDTH", 5)
    points = np.random.default_rng(0).normal(0, 5, (60, 3)).astype(np.float32)
    found = {tuple(sorted(pair)) for pair in candidates(points, 1.0).tolist()}
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    expected = {(i, j) for i, j in np.argwhere(distances <= 1.0).tolist() if i < j}
    assert expected <= found


def test_of_too_many_candidates_the_closest_are_kept(monkeypatch):
    monkeypatch.setattr(duplicates, "CANDIDATES", 3)
    points = np.array([[0.0], [1.0], [1.5], [5.0], [5.1]], np.float32)
    found = {tuple(sorted(pair)) for pair in candidates(points, 9.0).tolist()}
    assert found == {(3, 4), (1, 2), (0, 1)}


def test_equal_and_mirrored_images_are_paired_with_the_first_such():
    images = some_images(3)
    both = np.concatenate([images, images[[1, 1]], images[2:, :, ::-1]])
    found = find_pairs(Images([both]), 0.0)
    mirrored = rms(both[2], both[5])
    assert mirrored > 0
    assert found == [
        Pair("equal", 1, 3, 0.0),
        Pair("equal", 1, 4, 0.0),
        Pair("mirrored", 2, 5, mirrored),
    ]


def test_a_thousand_blank_images_are_a_thousand_pairs_and_no_million():
    blank = np.zeros((1001, 8, 8), np.uint8)
    assert len(find_pairs(Images([blank]), 5.0)) == 1000


def test_images_of_several_parts_are_one_sequence():
    images = some_images(9)
    together = Images([images[:4], images[4:4], images[4:]])
    assert len(together) == 9
    assert all((together[n] == images[n]).all() for n in range(9))
    assert [together.place(n) for n in (0, 3, 4, 8)] == [(0, 0), (0, 3), (2, 0), (2, 4)]
    assert (np.concatenate([*together.chunks()]) == images).all()
