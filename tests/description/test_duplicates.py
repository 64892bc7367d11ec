"""Duplicates are those that comparing all pixels of all pairs would give."""

import math
from fractions import Fraction
from itertools import combinations, pairwise

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


@pytest.mark.parametrize("shape", [(20, 24), (9, 31), (14, 14), (1, 1), (40, 15, 3), (5, 29, 3)])
def test_cells_of_flat_images_are_as_far_apart_as_their_greys(shape):
    flat = [np.full(shape, grey, np.uint8) for grey in (10, 13, 200)]
    cells = cell_means(Images([np.stack(flat)]))
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
    np.testing.assert_allclose(cell_means(Images([image]))[0], expected, rtol=1e-5)


def test_small_images_are_compared_pixel_by_pixel_at_once():
    images = np.random.default_rng(0).integers(0, 256, (2, 14, 11), dtype=np.uint8)
    cells = cell_means(Images([images]))
    assert cells.shape == (2, 14 * 11)
    assert np.linalg.norm(cells[0] - cells[1]) == pytest.approx(rms(*images), rel=1e-6)


def test_images_at_the_limit_are_near_and_just_above_it_are_not():
    flat = np.full((3, 6, 6), 100, np.uint8)
    flat[1], flat[2] = 103, 106
    found = find_pairs(Images([flat]), 3.0)
    assert found == [Pair("near", 0, 1, 3.0), Pair("near", 1, 2, 3.0)]
    assert find_pairs(Images([flat]), np.nextafter(3.0, 0)) == []


@pytest.mark.parametrize("count", [1, 2, 6, 7, 8, 13, 14, 15, 29])
def test_every_pair_is_a_candidate_once_where_all_are_near(monkeypatch, count):
    monkeypatch.setattr(duplicates, "BLOCK", 7)
    monkeypatch.setattr(duplicates, "WIDTH", 5)
    points = np.random.default_rng(0).normal(0, 0.1, (count, 3)).astype(np.float32)
    found = sorted(tuple(sorted(pair)) for pair in candidates(points, 9.0).tolist())
    assert found == list(combinations(range(count), 2))


def compared(monkeypatch, points, limit):
    """How many distances `candidates` computes, and of how many points it takes the axes."""
    shapes, sizes, svd, close = [], [], np.linalg.svd, duplicates._close
    monkeypatch.setattr(
        np.linalg, "svd", lambda sample, **options: shapes.append(sample) or svd(sample, **options)
    )

    def counting(points, rows, columns, square):
        sizes.append((rows.stop - rows.start, columns.stop - columns.start))
        return close(points, rows, columns, square)

    monkeypatch.setattr(duplicates, "_close", counting)
    candidates(points, limit)
    return len(shapes[0]), sizes


@pytest.mark.parametrize(("count", "sampled"), [(6, 6), (7, 4), (13, 7), (14, 5), (70, 7)])
def test_the_axis_is_of_at_most_a_block_of_points_from_all_over(monkeypatch, count, sampled):
    monkeypatch.setattr(duplicates, "BLOCK", 7)
    points = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    assert compared(monkeypatch, points, 1.0)[0] == sampled


def test_points_far_apart_along_the_first_axis_are_not_compared(monkeypatch):
    monkeypatch.setattr(duplicates, "BLOCK", 10)
    monkeypatch.setattr(duplicates, "WIDTH", 25)
    points = np.random.default_rng(0).permuted(np.arange(100.0))[:, None] * [0.6, 0.8]
    points += [-800, 600]  # far from the origin, in another direction
    sizes = compared(monkeypatch, points.astype(np.float32), 3.5)[1]
    assert sizes == [(10, 14)] * 9 + [(10, 10)]  # up to 4.5 after the last of a block
    sizes = compared(monkeypatch, points.astype(np.float32), 19.5)[1]
    assert sizes == [(10, 25), (10, 5)] * 8 + [(10, 20), (10, 10)]


def test_candidates_are_found_across_blocks(monkeypatch):
    monkeypatch.setattr(duplicates, "BLOCK", 7)
    monkeypatch.setattr(duplicates, "WIDTH", 5)
    points = np.random.default_rng(0).normal(0, 5, (60, 3)).astype(np.float32)
    found = {tuple(sorted(pair)) for pair in candidates(points, 1.0).tolist()}
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    expected = {(i, j) for i, j in np.argwhere(distances <= 1.0).tolist() if i < j}
    assert expected <= found


def test_candidates_are_at_most_the_limit_and_a_rounding_apart():
    points = np.array([[0.0], [9.0], [9.04], [9.06]], np.float32)  # 9.055 ** 2 = 9 ** 2 + 1
    found = {tuple(sorted(pair)) for pair in candidates(points, 9.0).tolist()}
    assert found == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)}


def test_of_too_many_candidates_the_closest_are_kept(monkeypatch):
    monkeypatch.setattr(duplicates, "CANDIDATES", 3)
    points = np.array([[0.0], [1.0], [1.5], [5.0], [5.1]], np.float32)
    found = {tuple(sorted(pair)) for pair in candidates(points, 9.0).tolist()}
    assert found == {(3, 4), (1, 2), (0, 1)}


def test_no_more_than_20_000_candidates_are_kept():
    points = np.random.default_rng(0).normal(0, 0.1, (201, 2)).astype(np.float32)
    assert len(candidates(points[:200], 9.0)) == 199 * 100
    assert len(candidates(points, 9.0)) == 20_000  # of 20,100


@pytest.mark.parametrize("most", [1, 2, 5, 30])
def test_of_too_many_candidates_the_closest_of_all_blocks_are_kept(monkeypatch, most):
    monkeypatch.setattr(duplicates, "CANDIDATES", most)
    monkeypatch.setattr(duplicates, "BLOCK", 4)
    points = np.random.default_rng(0).normal(0, 1, (40, 2)).astype(np.float32)
    distances = {
        (one, other): float(np.linalg.norm(points[one] - points[other]))
        for one, other in combinations(range(40), 2)
    }
    found = {tuple(sorted(pair)) for pair in candidates(points, 1.0).tolist()}
    assert found == set(sorted(distances, key=distances.get)[:most])


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


@pytest.mark.parametrize(
    ("shape", "counts", "chunks"),
    [
        ((4096, 4096), [3], [1, 1, 1]),
        ((4096, 2048), [3, 4], [2, 1, 2, 2]),
        ((5000, 1200, 3), [2], [1, 1]),  # each larger than a chunk
        ((256, 256), [257], [256, 1]),
    ],
)
def test_a_chunk_is_16_megabytes_or_an_image(shape, counts, chunks):
    parts = [np.broadcast_to(np.uint8(0), (count, *shape)) for count in counts]
    assert [len(chunk) for chunk in Images(parts).chunks()] == chunks
