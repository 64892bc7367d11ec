"""Which images go into train, validation and test."""

import numpy as np
import pytest

from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError
from fashion.data.splits import ImageList, Split, split_indices
from fashion.data.stratified import SplitError

CLASSES = ["cat", "dog"]


def settings(**changes):
    values = {"validation_images": 4, "seed": 0, "max_imbalance": 9.0, "test_fraction": 0.2}
    values |= {"group_by": None, "unreadable": "refuse"}
    return Preprocess.model_validate(values | changes)


def make(name, *counts):
    """A source with `counts` images of each class in mixed order."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.uint8)
    labels = np.random.default_rng(1).permutation(labels)
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None]
    return Split(images, labels, [f"{name}/{index}" for index in range(len(labels))], None)


def sources_of(counts):
    splits = zip(("train", "test"), counts, strict=False)
    return {split: make(split, *numbers, 9) for split, numbers in splits}


def test_test_images_stay_and_validation_images_come_from_the_training_images():
    train, test = make("train", 12, 8), make("test", 3, 2)
    indices = split_indices({"train": train, "test": test}, CLASSES, settings())
    assert [position for position, _ in indices.values()] == ["train", "train", "test"]
    (_, trained), (_, validated), (_, tested) = indices.values()
    assert tested.tolist() == list(range(5))
    assert sorted([*trained, *validated]) == list(range(20))
    assert np.bincount(train.labels[validated]).tolist() == [2, 2]  # 4 * 12 / 20 and 4 * 8 / 20


def test_one_source_gives_all_three_splits():
    source = make("all", 15, 10)
    indices = split_indices({"train": source}, CLASSES, settings())
    counts = {split: np.bincount(source.labels[of]).tolist() for split, (_, of) in indices.items()}
    assert counts == {"train": [10, 6], "validation": [2, 2], "test": [3, 2]}
    assert sorted(np.concatenate([of for _, of in indices.values()])) == list(range(25))


def test_validation_images_of_the_user_stay_and_test_images_come_from_the_training_images():
    sources = {"train": make("train", 12, 8), "validation": make("val", 3, 1)}
    indices = split_indices(sources, CLASSES, settings(validation_images=1000))
    assert [position for position, _ in indices.values()] == ["train", "validation", "train"]
    assert indices["validation"][1].tolist() == list(range(4))
    assert np.bincount(sources["train"].labels[indices["test"][1]]).tolist() == [2, 2]
    assert len(indices["train"][1]) == 16


@pytest.mark.parametrize("others", [{}, {"test": make("test", 2, 2)}], ids=["one", "two"])
def test_by_name_an_image_keeps_its_split_when_the_order_changes(others):
    source, order = make("all", 30, 20), np.random.default_rng(2).permutation(50)
    shuffled = Split(source.images, source.labels[order], [source.files[n] for n in order], None)
    params = settings(validation_images=12)
    before, after = (
        split_indices({"train": of} | others, CLASSES, params) for of in (source, shuffled)
    )
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
    params = settings(validation_images=2)
    split_indices(sources_of(counts), CLASSES, params)
    counts[small][0] -= 1
    with pytest.raises(DatasetError, match=f"{('train', 'test')[small]}: .* least {minimum} image"):
        split_indices(sources_of(counts), CLASSES, params)


def photographs(*groups_of_classes):
    """A source with 1 to 5 photographs of each object: `CLASS/OBJECT_NUMBER.jpg`."""
    animals = [*CLASSES, "horse"]
    objects = [
        (label, name) for label, count in enumerate(groups_of_classes) for name in range(count)
    ]
    files = [
        (label, f"train/{animals[label]}/{animals[label]}{name}_{number}.jpg")
        for label, name in objects
        for number in range(1 + name % 5)
    ]
    return ImageList(None, [file for _, file in files], np.array([of for of, _ in files], np.uint8))


def by_object(**changes):
    return settings(group_by=r"/(\w+?)_", **changes)


@pytest.mark.parametrize("fraction", [0.05, 0.15, 0.2, 0.4])
def test_images_of_a_group_stay_in_one_split(fraction):
    source = photographs(60, 40)
    params = by_object(test_fraction=fraction, validation_images=50)
    indices = split_indices({"train": source}, CLASSES, params)
    objects = {
        split: {source.files[index].split("_")[0] for index in of}
        for split, (_, of) in indices.items()
    }
    assert sum(map(len, objects.values())) == len(set.union(*objects.values())) == 100
    assert sorted(np.concatenate([of for _, of in indices.values()])) == list(range(300))
    for split, count in (("test", 300 * fraction), ("validation", 50)):
        of_class = np.bincount(source.labels[indices[split][1]])
        np.testing.assert_allclose(of_class, [0.6 * count, 0.4 * count], rtol=0.15, atol=2)
    again = split_indices({"train": source}, CLASSES, params)
    assert all((again[split][1] == of).all() for split, (_, of) in indices.items())
    other = split_indices({"train": source}, CLASSES, params.model_copy(update={"seed": 1}))
    assert set(other["test"][1]) != set(indices["test"][1])


def test_the_fewest_groups_give_all_splits_and_fewer_are_refused():
    params = by_object(validation_images=2)
    indices = split_indices({"train": photographs(3, 3)}, CLASSES, params)
    assert all(len(of) for _, of in indices.values())
    with pytest.raises(
        SplitError, match=r"at least 3 groups of each class, found 5 groups and .* 2;"
    ):
        split_indices({"train": photographs(2, 3)}, CLASSES, params)
    params, sources = by_object(validation_images=500), {"train": photographs(9, 9)}
    with pytest.raises(SplitError, match=r"fewer validation_images .* = 500 and 40 images; change"):
        split_indices(sources, CLASSES, params)


def test_most_groups_keep_their_split_when_a_class_is_added():
    before, after = photographs(60, 40), photographs(60, 40, 30)
    known = ((before, CLASSES), (after, [*CLASSES, "horse"]))
    splits = [
        {
            source.files[index]: split
            for split, (_, of) in split_indices(
                {"train": source}, classes, by_object(validation_images=50)
            ).items()
            for index in of
        }
        for source, classes in known
    ]
    moved = [file for file in before.files if splits[0][file] != splits[1][file]]
    assert len(moved) < 0.1 * len(before.files)


def test_all_images_without_a_group_are_named():
    sources = {
        "train": photographs(9, 9),
        "test": ImageList(None, ["test/cat/1.jpg", "test/dog/_"], np.array([0, 1])),
    }
    with pytest.raises(
        DatasetError, match=r"none in 2 images: 'test/cat/1.jpg', 'test/dog/_'; chan"
    ):
        split_indices(sources, CLASSES, by_object())
    with pytest.raises(
        DatasetError, match=r"IDX files have no names, found .*; write `group_by: nu"
    ):
        split_indices(sources, CLASSES, by_object(), by_name=False)
