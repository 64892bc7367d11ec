import numpy as np
import pandas as pd

from fashion.data_report import tables
from fashion.data_report.duplicate_report import PairCounter
from fashion.data_report.duplicates import DuplicatePairs
from fashion.data_report.image_sequence import ImageSequence

LABELS = {"train": np.array([0, 1, 1], np.uint8), "test": np.array([0, 2], np.uint8)}
CLASSES = ["cat", "dog", "no animal"]
IMAGES = ImageSequence([np.zeros((len(of), 2, 2), np.uint8) for of in LABELS.values()])
ALL_LABELS = np.concatenate([*LABELS.values()])
PAIRS = [("equal", 1, 2, 0.0), ("equal", 0, 4, 0.0), ("near", 2, 3, 1.234), ("near", 3, 4, 2.0)]


def tally(count, pairs=PAIRS):
    """Add `pairs` one at a time, the last first."""
    result = PairCounter(IMAGES, ALL_LABELS, count)
    for match, *row in pairs[::-1]:
        result.add(DuplicatePairs(match, *(np.array([value]) for value in row)))
    return result


def closest(tallied):
    return [
        (pairs.match, *row)
        for pairs in tallied.closest()
        for row in zip(*(column.tolist() for column in pairs[1:]), strict=True)
    ]


def test_sizes_are_summarised_for_each_split():
    rows = [("train", 10, 40, 1), ("train", 20, 40, 3), ("train", 60, 50, 3), ("test", 32, 31, 4)]
    files = pd.DataFrame(rows, columns=["split", "height", "width", "channels"])
    assert tables.image_sizes(files, (20, 32)).to_numpy().tolist() == [
        ["train", 3, 10, 20, 60, 40, 40, 50, 1, 2, 0, 1],
        ["test", 1, 32, 32, 32, 31, 31, 31, 0, 0, 1, 1],
    ]


def test_pairs_are_listed_with_split_index_file_and_class_of_both_images():
    files = pd.DataFrame(
        [(split, n, f"{split}/{n}.png") for split, of in LABELS.items() for n in range(len(of))],
        columns=["split", "index", "file"],
    )
    listed = tables.pair_table(tally(9).closest(), files, ALL_LABELS, CLASSES)
    assert len(listed) == 4
    assert [*listed.to_dict("records")[2].items()] == [
        ("match", "near"),
        ("rms", 1.23),
        *(("split_1", "train"), ("index_1", 2), ("file_1", "train/2.png"), ("class_1", "dog")),
        *(("split_2", "test"), ("index_2", 0), ("file_2", "test/0.png"), ("class_2", "cat")),
    ]


def test_pairs_across_splits_or_classes_come_first_among_equally_close_ones():
    assert closest(tally(1)) == [PAIRS[1], PAIRS[2]]
    assert closest(tally(9)) == [PAIRS[1], PAIRS[0], *PAIRS[2:]]
    apart, alike = ("near", 0, 4, 1.004), ("near", 1, 2, 1.001)
    assert closest(tally(2, [alike, apart])) == [apart, alike]


def test_pairs_are_counted_by_match_and_splits():
    for is_complete, near in ((True, "near"), (False, "near (at least)")):
        table = tables.pair_counts(tally(1).counts, [*LABELS], is_complete=is_complete)
        counted = {tuple(row[:3]): tuple(row[3:]) for row in table.to_numpy().tolist()}
        assert counted["equal", "train", "train"] == (1, 0)
        assert counted["equal", "train", "test"] == (1, 1)
        assert counted[near, "test", "test"] == (1, 1)
        assert counted["mirrored", "train", "test"] == (0, 0)
