import re
import unicodedata

import numpy as np
import pytest

from fashion.data.stratified import stratified_split
from tests.data.advice import refused

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 60)).astype(np.uint8)
NAMES = [f"{label}/{index}.png" for index, label in enumerate(LABELS)]
CHOSEN = [21, 37, 161, 203, 296, 298, 347, 391, 395, 551]
CHOSEN_BY_NAME = [78, 151, 204, 251, 345, 367, 413, 415, 462, 505]


def chosen(validation, seed=0, labels=LABELS, names=()):
    return stratified_split(labels, validation, seed, names)[1]


def labels_of(counts):
    return np.repeat(np.arange(len(counts)), counts).astype(np.uint8)


def test_each_image_is_in_one_of_both_in_ascending_order():
    train, validation = stratified_split(LABELS, 100, seed=0)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), np.arange(600))
    assert (np.diff(train) > 0).all()
    assert (np.diff(validation) > 0).all()
    assert np.bincount(LABELS[validation]).tolist() == [10] * 10


@pytest.mark.parametrize(
    ("counts", "total", "quotas"),
    [
        ([7, 11, 22], 10, [2, 3, 5]),  # of 1.75, 2.75 and 5.5
        ([4, 4, 8], 6, [2, 1, 3]),  # of 1.5, 1.5 and 3: equal remainders in the order of labels
        ([2, 3, 100], 20, [1, 1, 18]),  # of 0.38, 0.57 and 19.05: at least one
        ([2, 3, 4], 6, [1, 2, 3]),  # all but one
    ],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_shares_follow_the_largest_remainder_method(counts, total, quotas, by_name):
    labels = labels_of(counts)
    names = [str(index) for index in range(len(labels))] if by_name else ()
    assert np.bincount(labels[chosen(total, 0, labels, names)]).tolist() == quotas


def test_the_choice_never_changes():
    """Trained weights and committed results depend on it."""
    assert chosen(10).tolist() == CHOSEN
    assert chosen(10, names=NAMES).tolist() == CHOSEN_BY_NAME


def test_by_name_most_images_stay_when_others_are_removed_or_reordered():
    before = {NAMES[index] for index in chosen(100, names=NAMES)}
    kept = np.random.default_rng(1).permutation(np.flatnonzero(np.arange(len(LABELS)) % 50))
    names = [NAMES[index] for index in kept]
    after = {names[index] for index in chosen(100, 0, LABELS[kept], names)}
    assert len(after) == 100
    assert len(after - before) <= 12 + 10  # those removed, and rounding of the shares of classes


def test_both_unicode_forms_are_one_name():
    names = [f"é{n}" for n in range(600)]
    forms = ([unicodedata.normalize(form, name) for name in names] for form in ("NFC", "NFD"))
    np.testing.assert_array_equal(*(chosen(100, names=form) for form in forms))


@pytest.mark.parametrize("counts", [(2, 2), (2, 3, 100), (60,) * 10])
def test_exactly_the_suggested_numbers_of_validation_images_work(counts):
    labels = labels_of(counts)
    for validation in (1, sum(counts)):
        message = refused(lambda v=validation: stratified_split(labels, v, 0))
        low, high = map(int, re.search(r"expected (\d+) to (\d+) for", message).groups())
        for number in (low, high):
            sizes = [np.bincount(labels[of]) for of in stratified_split(labels, number, 0)]
            assert min(map(min, sizes)) >= 1
        for number in (low - 1, high + 1):
            refused(lambda n=number: stratified_split(labels, n, 0))
