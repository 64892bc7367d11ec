import numpy as np
import pandas as pd
import pytest

from fashion.data_report import tables
from fashion.data_report.images import Images
from fashion.data_report.near_duplicates import Pair, Pairs

LABELS = {"train": np.array([0, 1, 1], np.uint8), "test": np.array([0, 2], np.uint8)}
CLASSES = ["cat", "dog", "no animal"]
PAIRS = [
    Pair("equal", 1, 2, 0.0),
    Pair("equal", 0, 4, 0.0),
    Pair("near", 2, 3, 1.234),
    Pair("near", 3, 4, 2.0),
]


IMAGES = Images([np.zeros((len(of), 2, 2), np.uint8) for of in LABELS.values()])


def tally(count, pairs=PAIRS):
    """All `pairs`, added one at a time, the last first."""
    result = tables.Tally(IMAGES, np.concatenate([*LABELS.values()]), count)
    for pair in pairs[::-1]:
        result.add(Pairs(pair.kind, *(np.array([value]) for value in pair[1:])))
    return result


def pair_table():
    names = {part: np.array(CLASSES)[of] for part, of in LABELS.items()}
    files = {part: [f"{part}/{n}.png" for n in range(len(of))] for part, of in LABELS.items()}
    return tables.pair_table(PAIRS, IMAGES, [*LABELS], names, files)


def test_counts_have_a_row_for_each_class_and_a_column_for_each_part():
    table = tables.counts(LABELS, CLASSES)
    assert [*table] == ["class", "train", "test", "all"]
    assert table.to_dict("list") == {
        "class": CLASSES,
        "train": [1, 2, 0],
        "test": [1, 0, 1],
        "all": [2, 2, 1],
    }


def test_sizes_are_told_for_each_part():
    files = pd.DataFrame(
        {
            "part": ["train", "train", "train", "test"],
            "height": [10, 20, 60, 32],
            "width": [40, 40, 50, 31],
            "channels": [1, 3, 3, 4],
        }
    )
    train, test = tables.sizes(files, (20, 32)).to_dict("records")
    assert (train["height_min"], train["height_median"], train["height_max"]) == (10, 20, 60)
    assert (train["greyscale"], train["colour"], train["colour_and_alpha"]) == (1, 2, 0)
    assert (train["width_min"], train["width_median"], train["width_max"]) == (40, 40, 50)
    assert (train["images"], train["smaller"]) == (3, 1)
    assert (test["part"], test["smaller"], test["colour_and_alpha"]) == ("test", 1, 1)


@pytest.mark.parametrize(
    ("size", "smaller"), [((20, 32), 0), ((19, 32), 1), ((20, 31), 1), ((19, 31), 1)]
)
def test_a_image_is_smaller_if_it_is_on_either_side(size, smaller):
    row = dict(zip(("height", "width"), size, strict=True)) | {"part": "train", "channels": 1}
    assert tables.sizes(pd.DataFrame([row]), (20, 32))["smaller"].tolist() == [smaller]


def test_pairs_tell_part_class_and_file_of_both_images():
    row = pair_table().to_dict("records")[2]
    assert row == {
        "kind": "near",
        "distance": 1.23,
        "split_1": "train",
        "class_1": "dog",
        "file_1": "train/2.png",
        "split_2": "test",
        "class_2": "cat",
        "file_2": "test/0.png",
    }


def test_pairs_across_parts_or_classes_are_listed_first_of_their_kind():
    assert tally(1).first() == [PAIRS[1], PAIRS[2]]
    assert tally(9).first() == [PAIRS[1], PAIRS[0], *PAIRS[2:]]


def test_closest_pairs_come_first_to_a_hundredth_of_a_grey_level():
    apart, alike = Pair("near", 0, 4, 1.004), Pair("near", 1, 2, 1.001)
    assert tally(2, [alike, apart]).first() == [apart, alike]
    assert tally(1, [alike, Pair("near", 0, 4, 1.01)]).first() == [alike]


def test_of_many_pairs_at_once_the_first_are_those_of_one_at_a_time():
    rng = np.random.default_rng(0)
    both = np.sort(rng.integers(0, 5, (2, 400)), axis=0)
    distance = rng.integers(0, 40, 400) / 9
    pairs = [Pair("near", *row) for row in zip(*both.tolist(), distance.tolist(), strict=True)]
    one_at_a_time, at_once = tally(7, pairs), tally(7, [])
    at_once.add(Pairs("near", *both, distance))
    assert at_once.first() == one_at_a_time.first()
    assert len(at_once.first()) == 7
    np.testing.assert_array_equal(at_once.counts, one_at_a_time.counts)
    assert at_once.counts.sum() == 400


def test_pairs_are_counted_by_kind_and_parts_with_those_of_different_classes():
    table = tables.pair_counts(tally(1).counts, [*LABELS], is_complete=True)
    counted = {tuple(row[:3]): tuple(row[3:]) for row in table.to_numpy().tolist()}
    assert len(counted) == 9
    assert counted["equal", "train", "train"] == (1, 0)
    assert counted["equal", "train", "test"] == (1, 1)
    assert counted["near", "test", "test"] == (1, 1)
    assert counted["mirrored", "train", "test"] == (0, 0)


def test_counts_that_are_not_complete_are_called_so():
    table = tables.pair_counts(tally(1).counts, [*LABELS], is_complete=False)
    kinds = ["equal"] * 3 + ["mirrored"] * 3 + ["near (at least)"] * 3
    assert table["kind"].tolist() == kinds


def test_no_pairs_are_an_empty_table_with_all_columns():
    empty = tables.pair_table([], IMAGES, [*LABELS], {}, {})
    assert list(empty) == list(pair_table())
    assert tally(3, []).first() == []
    counts = tables.pair_counts(tally(3, []).counts, [*LABELS], is_complete=True)
    assert counts["pairs"].tolist() == [0] * 9
