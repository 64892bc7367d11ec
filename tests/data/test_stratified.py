import re
import unicodedata

import numpy as np
import pytest

from fashion.data.stratified import SplitError, split_off_tests, stratified_split
from tests.data.advice import refused

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


@pytest.mark.parametrize(
    ("counts", "total", "quotas"),
    [
        ([7, 11, 22], 10, [2, 3, 5]),  # of 1.75, 2.75 and 5.5
        ([7, 11, 22], 13, [2, 4, 7]),  # of 2.275, 3.575 and 7.15
        ([4, 4, 8], 6, [2, 1, 3]),  # of 1.5, 1.5 and 3: equal remainders in the order of labels
        ([4, 4, 8], 8, [2, 2, 4]),
        ([2, 3, 100], 20, [1, 1, 18]),  # of 0.38, 0.57 and 19.05: what is less than one is one
        ([2, 50, 50], 7, [1, 3, 3]),  # of 0.14, 3.43 and 3.43
        ([2, 3, 4], 6, [1, 2, 3]),  # all but one
        ([2, 9], 2, [1, 1]),
    ],
)
def test_shares_are_those_of_the_largest_remainder_method(counts, total, quotas):
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    for names in ([], [str(row) for row in range(len(labels))]):
        rows = stratified_split(labels, total, 0, names)[1]
        assert np.bincount(labels[rows]).tolist() == quotas


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


@pytest.mark.parametrize("total", range(3, 20))
def test_a_small_class_gives_one_beside_a_large_one(total):
    labels = np.repeat([0, 1, 2], [2, 3, 100]).astype(np.uint8)
    counts = np.bincount(labels[chosen(total, labels=labels)], minlength=3)
    assert counts.sum() == total
    assert counts[:2].tolist() == [1, 1]


FORMS = ("NFC", "NFD")
NAMES = [f"{label}/{row}.png" for row, label in enumerate(LABELS)]


def test_names_keep_the_others_where_they_are_when_some_come_and_go():
    before = {NAMES[row] for row in stratified_split(LABELS, 100, 0, NAMES)[1]}
    kept = np.flatnonzero(np.arange(len(LABELS)) % 50)  # a fiftieth has gone
    names = [NAMES[row] for row in kept]
    after = {names[row] for row in stratified_split(LABELS[kept], 100, 0, names)[1]}
    assert len(after) == 100
    assert len(after - before) <= 12 + 10  # those gone, and what shares of classes round to


def test_names_in_another_order_choose_the_same_and_another_seed_does_not():
    order = np.random.default_rng(1).permutation(len(LABELS))
    names = [NAMES[row] for row in order]
    first = {NAMES[row] for row in stratified_split(LABELS, 100, 0, NAMES)[1]}
    assert {names[row] for row in stratified_split(LABELS[order], 100, 0, names)[1]} == first
    other = {NAMES[row] for row in stratified_split(LABELS, 100, 1, NAMES)[1]}
    assert len(first & other) < 50


def test_the_two_forms_of_a_letter_are_one_name():
    names = {form: [unicodedata.normalize(form, f"é{n}") for n in range(600)] for form in FORMS}
    first, second = (stratified_split(LABELS, 100, 0, names[form])[1] for form in FORMS)
    np.testing.assert_array_equal(first, second)


def test_the_fraction_for_tests_is_of_all_but_has_each_class():
    assert len(split_off_tests(LABELS, 0.25, 0, NAMES)[1]) == 150
    labels = np.repeat(np.arange(200), 3).astype(np.uint8)
    names = [str(row) for row in range(600)]
    assert len(split_off_tests(labels, 0.001, 0, names)[1]) == 200


@pytest.mark.parametrize("counts", [(2, 2), (2, 3, 100), (60,) * 10, (7, 11, 22), (2, 500)])
def test_the_numbers_that_a_refusal_names_are_taken_and_no_others(counts):
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    for validation in (1, sum(counts)):
        message = refused(lambda v=validation: stratified_split(labels, v, 0))
        low, high = map(int, re.search(r"expected (\d+) to (\d+), for some", message).groups())
        for number in (low, high):
            train, chosen = (np.bincount(labels[r]) for r in stratified_split(labels, number, 0))
            assert (min(train), min(chosen)) >= (1, 1)
        for number in (low - 1, high + 1):
            refused(lambda n=number: stratified_split(labels, n, 0))


@pytest.mark.parametrize("counts", [(3, 3), (3, 4, 100), (60,) * 10, (7, 11, 22), (3, 500)])
def test_the_fraction_that_a_refusal_names_leaves_enough_to_train_and_validate(counts):
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    names = [str(row) for row in range(len(labels))]
    message = refused(lambda: split_off_tests(labels, 0.99, 0, names))
    fraction = float(re.search(r"expected at most ([\d.]+);", message)[1])
    refused(lambda: split_off_tests(labels, fraction + 1.5 / len(labels), 0, names))
    assert fraction == round(fraction, 3)
    rest, tests = split_off_tests(labels, fraction, 0, names)
    assert min(np.bincount(labels[rest])) >= 2
    assert min(np.bincount(labels[tests])) >= 1
    stratified_split(labels[rest], len(counts), 0)
