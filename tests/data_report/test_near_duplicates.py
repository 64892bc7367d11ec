"""Duplicates are those that comparing all pixels of all pairs would give."""

import math
import tracemalloc
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.data_report import near_duplicates
from fashion.data_report.images import Images
from fashion.data_report.near_duplicates import Duplicates, Pair, cell_means, close, project, rms


def find_pairs(images, limit):
    """All pairs, one by one, in an order."""
    pairs = [pair for some in Duplicates(images, limit) for pair in some.each()]
    return sorted(pairs, key=lambda pair: (near_duplicates.KINDS.index(pair.kind), *pair[1:]))


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
    assert len(found) == len(expected)
    assert all(pair.distance == rms(images[pair.first], images[pair.second]) for pair in found)


def film(count, shape=(20, 24)):
    """Images that are all near one another, as the frames of a film."""
    rng = np.random.default_rng(0)
    return rng.integers(100, 103, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(20, 24), (9, 31, 3)])
def test_all_of_very_many_near_pairs_are_found_in_blocks_of_any_size(monkeypatch, shape):
    monkeypatch.setattr(near_duplicates, "BLOCK", 50)
    monkeypatch.setattr(near_duplicates, "WIDTH", 70)
    monkeypatch.setattr(near_duplicates, "BLOCK_BYTES", 8 * int(np.prod(shape)) * 11)
    search = Duplicates(Images([film(230, shape)]), 3.0)
    pairs = {(pair.first, pair.second) for some in search for pair in some.each()}
    assert len(pairs) == 230 * 229 // 2
    assert search.is_complete


def test_more_pairs_than_can_be_compared_are_cut_and_said_to_be(monkeypatch):
    images = film(60)
    monkeypatch.setattr(near_duplicates, "BLOCK", 10)
    monkeypatch.setattr(near_duplicates, "WORK", 1000 * (20 * 24 + near_duplicates.PAIR_WORK))
    search = Duplicates(Images([images]), 3.0)
    pairs = [pair for some in search for pair in some.each()]
    assert not search.is_complete
    assert 0 < len(pairs) <= 1000
    assert len({(pair.first, pair.second) for pair in pairs}) == len(pairs)
    assert Duplicates(Images([images[:30]]), 3.0).is_complete


def test_the_distance_of_the_largest_images_that_differ_by_a_level_is_exact():
    images = np.full((2, 1100, 1000), 255, np.uint8)
    images[1, 3, 4] = 254
    assert find_pairs(Images([images]), 1.0) == [Pair("near", 0, 1, np.sqrt(1 / images[0].size))]
    assert find_pairs(Images([images]), 0.9 * np.sqrt(1 / images[0].size)) == []


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([(), (3,)]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_cells_are_never_further_apart_than_pixels(height, width, channels, seed):
    images = np.random.default_rng(seed).integers(0, 256, (2, height, width, *channels), np.uint8)
    cells = cell_means(images)
    assert np.linalg.norm(cells[0] - cells[1]) <= rms(*images) + 0.01


@pytest.mark.parametrize("shape", [(20, 24), (9, 31), (14, 14), (1, 1), (40, 15, 3), (5, 29, 3)])
def test_cells_of_flat_images_are_as_far_apart_as_their_greys(shape):
    cells = cell_means(np.stack([np.full(shape, grey, np.uint8) for grey in (10, 13, 200)]))
    assert cells.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(cells, axis=1), [10, 13, 200], rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(cells - cells[0], axis=1)[1:], [3, 190], rtol=1e-6)


def test_cells_are_the_means_of_areas_as_equal_as_whole_pixels_allow():
    image = np.random.default_rng(0).integers(0, 256, (1, 20, 33, 3), dtype=np.uint8)
    tops, lefts = ([side * n // 14 for n in range(15)] for side in (20, 33))
    expected = []
    for top, bottom in pairwise(tops):
        for left, right in pairwise(lefts):
            cell, count = image[0, top:bottom, left:right], (bottom - top) * (right - left)
            mean = Fraction(int(cell.sum()), 3 * count)
            expected.append(float(mean) * math.sqrt(Fraction(count, 20 * 33)))
    np.testing.assert_allclose(cell_means(image)[0], expected, rtol=1e-5)


def test_small_images_are_compared_pixel_by_pixel_at_once():
    images = np.random.default_rng(0).integers(0, 256, (2, 14, 11), dtype=np.uint8)
    cells = cell_means(images)
    assert cells.shape == (2, 14 * 11)
    assert np.linalg.norm(cells[0] - cells[1]) == pytest.approx(rms(*images), rel=1e-6)


def test_images_at_the_limit_are_near_and_just_above_it_are_not():
    flat = np.full((3, 6, 6), 100, np.uint8)
    flat[1], flat[2] = 103, 106
    found = find_pairs(Images([flat]), 3.0)
    assert found == [Pair("near", 0, 1, 3.0), Pair("near", 1, 2, 3.0)]
    assert find_pairs(Images([flat]), np.nextafter(3.0, 0)) == []


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([(), (3,)]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_coordinates_are_never_further_apart_than_pixels(height, width, channels, seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (1, height, width, *channels), np.uint8)
    changed = np.clip(images + rng.integers(-9, 10, (4, *images.shape[1:])), 0, 255)
    images = np.concatenate([images, changed.astype(np.uint8)])
    points = project(Images([images]))
    for one in range(len(images)):
        for other in range(one):
            distance = np.linalg.norm(points[one] - points[other])
            assert distance**2 <= rms(images[one], images[other]) ** 2 + near_duplicates.ROUNDING


def test_close_pairs_are_told_once_in_tiles_of_any_size(monkeypatch):
    monkeypatch.setattr(near_duplicates, "BLOCK", 7)
    monkeypatch.setattr(near_duplicates, "WIDTH", 5)
    points = np.random.default_rng(0).normal(0, 2, (60, 3)).astype(np.float32)
    points = points[np.argsort(points[:, 0])]
    found = [
        (rows.start + row, columns.start + column)
        for rows, columns in near_duplicates._tiles(points[:, 0], 1.0)
        for row, column in np.argwhere(close(points, rows, columns, 1.0)).tolist()
    ]
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    expected = {(i, j) for i, j in np.argwhere(distances <= 1.0).tolist() if i < j}
    assert len(expected) > 10
    assert set(found) == expected
    assert len(found) == len(expected)


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


def test_an_image_takes_less_memory_than_its_pixels(tmp_path):
    peaks = {}
    for count in (3000, 9000):
        np.save(tmp_path / "images.npy", some_images(count, (64, 64)))
        images = Images([np.load(tmp_path / "images.npy", mmap_mode="r")])
        tracemalloc.start()
        for _ in Duplicates(images, 1.0):
            pass
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (peaks[9000] - peaks[3000]) / 6000 < 500  # bytes, of 4,096 pixels


def test_images_of_several_parts_are_one_sequence():
    images = some_images(9)
    together = Images([images[:4], images[4:4], images[4:]])
    assert len(together) == 9
    assert all((together[n] == images[n]).all() for n in range(9))
    assert [together.place(n) for n in (0, 3, 4, 8)] == [(0, 0), (0, 3), (2, 0), (2, 4)]
    assert (np.concatenate([*together.chunks()]) == images).all()
