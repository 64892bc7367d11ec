import numpy as np
import pandas as pd
import pytest

from fashion.description import tables
from fashion.description.duplicates import Pair
from fashion.description.images import Images

LABELS = {"train": np.array([0, 1, 1], np.uint8), "test": np.array([0, 2], np.uint8)}
CLASSES = ["cat", "dog", "no animal"]
PAIRS = [
    Pair("equal", 1, 2, 0.0),
    Pair("equal", 0, 4, 0.0),
    Pair("near", 2, 3, 1.234),
    Pair("near", 3, 4, 2.0),
]


def pair_table():
    images = Images([np.zeros((len(of), 2, 2), np.uint8) for of in LABELS.values()])
    names = {part: np.array(CLASSES)[of] for part, of in LABELS.items()}
    files = {part: [f"{part}/{n}.png" for n in range(len(of))] for part, of in LABELS.items()}
    return tables.pair_table(PAIRS, images, [*LABELS], names, files)


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
    assert (train["pictures"], train["smaller"]) == (3, 1)
    assert (test["part"], test["smaller"], test["colour_and_alpha"]) == ("test", 1, 1)


@pytest.mark.parametrize(
    ("size", "smaller"), [((20, 32), 0), ((19, 32), 1), ((20, 31), 1), ((19, 31), 1)]
)
def test_a_picture_is_smaller_if_it_is_on_either_side(size, smaller):
    row = dict(zip(("height", "width"), size, strict=True)) | {"part": "train", "channels": 1}
    assert tables.sizes(pd.DataFrame([row]), (20, 32))["smaller"].tolist() == [smaller]


def test_pairs_tell_part_class_and_file_of_both_images():
    row = pair_table().to_dict("records")[2]
    assert row == {
        "kind": "near",
        "distance": 1.23,
        "part_1": "train",
        "class_1": "dog",
        "file_1": "train/2.png",
        "part_2": "test",
        "class_2": "cat",
        "file_2": "test/0.png",
    }


def test_pairs_across_parts_or_classes_are_listed_first_of_their_kind():
    shown = tables.listed(pair_table(), 1)
    assert shown["file_2"].tolist() == ["test/1.png", "test/0.png"]
    assert shown.index.tolist() == [1, 2], "the rows of the pairs, by which images are found"


def test_closer_pairs_are_listed_first_and_equally_close_ones_by_what_differs():
    rows = [("near", 2.0, "a", "b"), ("near", 1.0, "a", "a"), ("near", 2.0, "a", "a")]
    rows += [("equal", 0.0, "a", "a"), ("equal", 0.0, "a", "b"), ("equal", 0.0, "a", "a")]
    table = pd.DataFrame(rows, columns=["kind", "distance", "class_1", "class_2"])
    same, other = (table.assign(part_1="train", part_2=part) for part in ("train", "test"))
    assert tables.listed(same, 2).index.tolist() == [4, 3, 1, 0]
    assert tables.listed(same, 9).index.tolist() == [4, 3, 5, 1, 0, 2]
    assert tables.listed(other, 9).index.tolist() == [3, 4, 5, 1, 0, 2]


def test_pairs_are_counted_by_kind_and_parts_with_those_of_different_classes():
    table = tables.pair_counts(pair_table(), [*LABELS])
    counted = {tuple(row[:3]): tuple(row[3:]) for row in table.to_numpy().tolist()}
    assert len(counted) == 9
    assert counted["equal", "train", "train"] == (1, 0)
    assert counted["equal", "train", "test"] == (1, 1)
    assert counted["near", "test", "test"] == (1, 1)
    assert counted["mirrored", "train", "test"] == (0, 0)


def test_no_pairs_are_an_empty_table_with_all_columns():
    images = Images([np.zeros((1, 2, 2), np.uint8)])
    empty = tables.pair_table([], images, ["train"], {}, {})
    assert list(empty) == list(pair_table())
    assert tables.listed(empty, 3).empty
    assert tables.pair_counts(empty, ["train"])["pairs"].tolist() == [0, 0, 0]
