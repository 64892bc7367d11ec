"""Which images train, validate and test, of two parts and of one."""

import numpy as np
import pytest

from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError
from fashion.data.parts import Part
from fashion.data.splits import divide, train_test_duplicates

CLASSES = ["cat", "dog"]


def settings(**changes):
    values = {"validation_images": 4, "seed": 0, "max_imbalance": 9.0, "test_fraction": 0.2}
    return Preprocess.model_validate(values | {"unreadable": "refuse"} | changes)


def make(name, *counts, first=0):
    """A part with `counts` images of each class, all different, in mixed order."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    labels = np.random.default_rng(1).permutation(labels)
    images = np.arange(first, first + len(labels), dtype=np.uint8)[:, None, None]
    return Part(images, labels, [f"{name}/{row}" for row in range(len(labels))], None)


def test_two_parts_keep_their_test_images_and_give_validation_images_of_the_first():
    train, test = make("train", 12, 8), make("test", 3, 2)
    rows = divide([train, test], CLASSES, settings())
    assert [(name, place) for name, (place, _) in rows.items()] == [
        ("train", 0),
        ("validation", 0),
        ("test", 1),
    ]
    (_, trained), (_, validated), (_, tested) = rows.values()
    assert tested.tolist() == list(range(5))
    assert sorted([*trained, *validated]) == list(range(20))
    assert np.bincount(train.labels[validated]).tolist() == [2, 2]  # 4 * 12 / 20 and 4 * 8 / 20


def test_one_part_gives_all_three():
    part = make("all", 15, 10)
    rows = divide([part], CLASSES, settings())
    assert {place for place, _ in rows.values()} == {0}
    counts = {name: np.bincount(part.labels[of]).tolist() for name, (_, of) in rows.items()}
    assert counts == {"train": [10, 6], "validation": [2, 2], "test": [3, 2]}
    assert sorted(np.concatenate([of for _, of in rows.values()])) == list(range(25))


@pytest.mark.parametrize("others", [[], [make("test", 2, 2)]], ids=["one", "two"])
def test_an_image_stays_where_it_is_when_the_order_changes(others):
    part, order = make("all", 30, 20), np.random.default_rng(2).permutation(50)
    other = Part(part.images, part.labels[order], [part.files[n] for n in order], None)
    params = settings(validation_images=12)
    rows, again = (divide([which, *others], CLASSES, params) for which in (part, other))
    for output in ("train", "validation"):
        files = {part.files[row] for row in rows[output][1]}
        assert {other.files[row] for row in again[output][1]} == files


def test_without_names_rows_alone_decide():
    part, tests = make("all", 30, 20), make("test", 2, 2)
    renamed = part._replace(files=[f"x{file}" for file in part.files])
    found = [
        divide([which, tests], CLASSES, settings(), by_name=by_name)["validation"][1].tolist()
        for which in (part, renamed)
        for by_name in (False, True)
    ]
    assert found[0] == found[2]
    assert found[1] != found[3]


@pytest.mark.parametrize(
    ("counts", "fewest", "faulty"),
    [([[9], [1]], 2, 0), ([[2], [0]], 1, 1), ([[2]], 3, 0)],
    ids=["training", "test", "alone"],
)
def test_a_class_has_an_image_for_each_output_that_is_made_of_its_part(counts, fewest, faulty):
    name = ("train", "test")[faulty]
    counts[faulty][0] = fewest
    enough = [make("x", *of, 9) for of in counts]
    divide(enough, CLASSES, settings(validation_images=2))
    counts[faulty][0] -= 1
    few = [make("x", *of, 9) for of in counts]
    with pytest.raises(DatasetError, match=f"{name}: expected at least {fewest} "):
        divide(few, CLASSES, settings(validation_images=2))


def test_unequal_classes_are_refused_in_either_part():
    equal, unequal = make("x", 9, 9), make("x", 9, 3)
    divide([equal, unequal], CLASSES, settings(max_imbalance=3.0))
    for parts, name in (([equal, unequal], "test"), ([unequal, equal], "train")):
        with pytest.raises(DatasetError, match=f"{name}: the largest class"):
            divide(parts, CLASSES, settings(max_imbalance=2.9))


def test_duplicates_are_named_with_the_image_of_training_or_validation():
    train, test = make("train", 3, 2), make("test", 2, 2, first=100)
    test.images[1], test.images[3] = train.images[4], train.images[0]
    rows = {
        "train": (0, np.array([1, 4])),
        "validation": (0, np.array([0])),
        "test": (1, np.array([1, 2, 3])),
    }
    assert train_test_duplicates([train, test], rows) == ["test/1 = train/4", "test/3 = train/0"]
    train.images[3] = train.images[4]
    rows["test"] = (0, np.array([2, 3]))
    assert train_test_duplicates([train], rows) == ["train/3 = train/4"]
