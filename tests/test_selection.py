import numpy as np
import pytest

from fashion.params import Selection
from fashion.selection import select, selected_count

HALF = Selection(share=0.5, hardest=0.3, whole_first=2, whole_last=1)
TOTAL = 1000
HARDNESS = np.random.default_rng(0).permutation(TOTAL).astype(np.float32) / TOTAL


def draw(seed, count=500, config=HALF):
    return select(HARDNESS, count, config, np.random.default_rng(seed))


def test_the_first_and_last_epochs_use_every_image_and_those_between_a_share():
    counts = [selected_count(TOTAL, HALF, epoch, epochs=6) for epoch in range(6)]
    assert counts == [1000, 1000, 500, 500, 500, 1000]


def test_no_image_is_chosen_twice():
    rows = draw(seed=0)
    assert len(rows) == len(set(rows.tolist())) == 500


def test_the_hardest_are_always_chosen_and_the_others_change():
    hardest = set(np.flatnonzero(HARDNESS >= 0.7))
    one, other = set(draw(seed=0)), set(draw(seed=1))
    assert len(hardest) == 300
    assert hardest <= one & other
    assert len((one & other) - hardest) < 100


def test_the_others_are_drawn_evenly():
    easy = np.concatenate([HARDNESS[draw(seed)] for seed in range(50)])
    easy = easy[easy < 0.7]
    counts, _ = np.histogram(easy, bins=7, range=(0, 0.7))
    assert counts.sum() == 50 * 200
    assert (abs(counts - counts.mean()) < 0.15 * counts.mean()).all()


def test_the_order_does_not_tell_how_hard_an_image_is():
    rows = draw(seed=0)
    correlation = np.corrcoef(np.arange(len(rows)), HARDNESS[rows])[0, 1]
    assert abs(correlation) < 0.15


def test_a_whole_epoch_is_a_permutation():
    np.testing.assert_array_equal(np.sort(draw(seed=0, count=TOTAL)), np.arange(TOTAL))


def test_equal_generators_choose_alike_and_others_do_not():
    np.testing.assert_array_equal(draw(seed=3), draw(seed=3))
    assert (draw(seed=3) != draw(seed=4)).any()


@pytest.mark.parametrize("hardest", [0.0, 0.5])
def test_all_or_none_of_a_share_can_be_the_hardest(hardest):
    config = HALF.model_copy(update={"hardest": hardest})
    surely = HARDNESS[draw(seed=0, config=config)] >= 1 - hardest
    assert surely.sum() == TOTAL * hardest
