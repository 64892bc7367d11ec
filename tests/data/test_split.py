import numpy as np
import pytest

from fashion.data.split import SplitError, stratified_split

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 60)).astype(np.uint8)


def chosen(validation, seed=0, labels=LABELS):
    return stratified_split(labels, validation, seed)[1]


def test_both_parts_together_are_every_row_once_in_order():
    train, validation = stratified_split(LABELS, 100, seed=0)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), np.arange(600))
    assert (np.diff(train) > 0).all()
    assert (np.diff(validation) > 0).all()
    assert len(validation) == 100


def test_each_class_gives_in_proportion():
    np.testing.assert_array_equal(np.bincount(LABELS[chosen(100)]), np.full(10, 10))


def test_unequal_classes_give_within_one_of_their_proportion():
    labels = np.repeat([0, 1, 2], [7, 11, 22]).astype(np.uint8)
    for total in range(4, 33):
        counts = np.bincount(labels[chosen(total, labels=labels)], minlength=3)
        assert counts.sum() == total
        assert (np.abs(counts - total * np.array([7, 11, 22]) / 40) < 1).all()


def test_equal_seeds_choose_equal_rows_and_others_do_not():
    np.testing.assert_array_equal(chosen(100), chosen(100))
    assert len(np.intersect1d(chosen(100), chosen(100, seed=1))) < 50


def test_rows_are_spread_evenly_over_the_file():
    thirds = np.histogram(chosen(300), bins=3, range=(0, len(LABELS)))[0]
    assert thirds.min() > 80


@pytest.mark.parametrize("validation", [9, 591, 600, 10_000])
def test_a_split_that_empties_a_class_is_refused(validation):
    with pytest.raises(SplitError, match=f"validation_images = {validation} leaves a class"):
        chosen(validation)
