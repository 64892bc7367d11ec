"""Which images go into train, validation and test."""

import numpy as np
import pytest

from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError
from fashion.data.splits import Split, split_indices

CLASSES = ["cat", "dog"]


def settings(**changes):
    values = {"validation_images": 4, "seed": 0, "max_imbalance": 9.0, "test_fraction": 0.2}
    return Preprocess.model_validate(values | {"unreadable": "refuse"} | changes)


def make(name, *counts):
    """A source with `counts` images of each class in mixed order."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    labels = np.random.default_rng(1).permutation(labels)
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None]
    return Split(images, labels, [f"{name}/{index}" for index in range(len(labels))], None)


def test_test_images_stay_and_validation_images_come_from_the_training_images():
    train, test = make("train", 12, 8), make("test", 3, 2)
    indices = split_indices([train, test], CLASSES, settings())
    assert [position for position, _ in indices.values()] == [0, 0, 1]
    (_, trained), (_, validated), (_, tested) = indices.values()
    assert tested.tolist() == list(range(5))
    assert sorted([*trained, *validated]) == list(range(20))
    assert np.bincount(train.labels[validated]).tolist() == [2, 2]  # 4 * 12 / 20 and 4 * 8 / 20


def test_one_source_gives_all_three_splits():
    source = make("all", 15, 10)
    indices = split_indices([source], CLASSES, settings())
    counts = {split: np.bincount(source.labels[of]).tolist() for split, (_, of) in indices.items()}
    assert counts == {"train": [10, 6], "validation": [2, 2], "test": [3, 2]}
    assert sorted(np.concatenate([of for _, of in indices.values()])) == list(range(25))


@pytest.mark.parametrize("others", [[], [make("test", 2, 2)]], ids=["one", "two"])
def test_by_name_an_image_keeps_its_split_when_the_order_changes(others):
    source, order = make("all", 30, 20), np.random.default_rng(2).permutation(50)
    shuffled = Split(source.images, source.labels[order], [source.files[n] for n in order], None)
    params = settings(validation_images=12)
    before, after = (split_indices([of, *others], CLASSES, params) for of in (source, shuffled))
    for split in ("train", "validation"):
        files = {source.files[index] for index in before[split][1]}
        assert {shuffled.files[index] for index in after[split][1]} == files


@pytest.mark.parametrize(
    ("counts", "minimum", "small"),
    [([[9], [1]], 2, 0), ([[2], [0]], 1, 1), ([[2]], 3, 0)],
    ids=["train", "test", "one source"],
)
def test_a_class_needs_an_image_for_each_split_of_its_source(counts, minimum, small):
    counts[small][0] = minimum
    split_indices([make("x", *of, 9) for of in counts], CLASSES, settings(validation_images=2))
    counts[small][0] -= 1
    sources = [make("x", *of, 9) for of in counts]
    with pytest.raises(DatasetError, match=f"{('train', 'test')[small]}: .* least {minimum} image"):
        split_indices(sources, CLASSES, settings(validation_images=2))
