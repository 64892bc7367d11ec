import numpy as np
import pytest

from fashion.split import SplitError, divide, proportional_quotas, stratify

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 60)).astype(np.uint8)
COUNTS = np.bincount(LABELS)
FIRST_ROWS = [2, 6, 20, 23, 33, 40, 45, 50]


def chosen(validation, seed=0, rows=600):
    """The rows that a split sends to validation, found chunk by chunk."""
    chunks = [LABELS[start : start + rows] for start in range(0, len(LABELS), rows)]
    split = stratify(chunks, COUNTS, validation, seed)
    masks = [mask for *_, mask in divide(((labels, labels) for labels in chunks), split)]
    return np.flatnonzero(np.concatenate(masks))


def test_each_class_gives_its_share():
    np.testing.assert_array_equal(np.bincount(LABELS[chosen(100)]), np.full(10, 10))


def test_the_size_of_chunks_does_not_matter():
    np.testing.assert_array_equal(chosen(100, rows=600), chosen(100, rows=7))


def test_another_seed_chooses_other_rows():
    shared = np.intersect1d(chosen(100, seed=0), chosen(100, seed=1))
    assert len(shared) < 50


def test_a_larger_split_holds_the_smaller():
    assert set(chosen(100)) < set(chosen(200))


def test_the_rows_are_the_same_on_every_machine():
    assert chosen(100)[:8].tolist() == FIRST_ROWS


def test_rows_are_spread_evenly_over_the_file():
    thirds = np.histogram(chosen(300), bins=3, range=(0, len(LABELS)))[0]
    assert thirds.min() > 80


@pytest.mark.parametrize("validation", [9, 591, 600, 10_000])
def test_a_split_that_empties_a_class_is_refused(validation):
    with pytest.raises(SplitError, match=f"validation_images = {validation} leaves a class"):
        chosen(validation)


@pytest.mark.parametrize("total", range(1, 40))
def test_quotas_sum_to_the_total_and_stay_within_one_of_proportion(total):
    counts = np.array([7, 11, 22])
    quotas = proportional_quotas(counts, total)
    assert quotas.sum() == total
    assert (np.abs(quotas - total * counts / 40) < 1).all()
