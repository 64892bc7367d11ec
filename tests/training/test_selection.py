import numpy as np

from fashion.config.model import Selection
from fashion.training.selection import select, selected_count

HALF = Selection(fraction=0.5, hard_fraction=0.3, full_epochs_start=2, full_epochs_end=1)
TOTAL = 1000
DIFFICULTY = np.random.default_rng(0).permutation(TOTAL).astype(np.float32) / TOTAL


def draw(seed, count=500, config=HALF):
    return select(DIFFICULTY, count, config, np.random.default_rng(seed))


def test_the_first_and_last_epochs_use_every_image_and_those_between_a_fraction():
    counts = [selected_count(TOTAL, HALF, epoch, epochs=6) for epoch in range(6)]
    assert counts == [1000, 1000, 500, 500, 500, 1000]


def test_no_image_is_chosen_twice_and_equal_generators_choose_alike():
    indices = draw(seed=0)
    assert len(indices) == len(set(indices.tolist())) == 500
    np.testing.assert_array_equal(indices, draw(seed=0))


def test_the_most_difficult_images_are_always_chosen_and_the_others_change():
    hard = set(np.flatnonzero(DIFFICULTY >= 0.7))
    one, other = set(draw(seed=0)), set(draw(seed=1))
    assert len(hard) == 300
    assert hard <= one & other
    assert len((one & other) - hard) < 100
