import hashlib
import tracemalloc

import numpy as np
import pytest

from fashion.evaluation import ood_detection, unlike
from fashion.evaluation.ood_images import ood_images

RNG = np.random.default_rng(0)
TEST = RNG.integers(0, 256, (30, 20, 24), dtype=np.uint8)


def whole(test, count, seed):
    """All images of each kind, in the order of the kinds."""
    kinds = {}
    for kind, images in ood_images(test, count, seed):
        kinds.setdefault(kind, []).append(images)
    return {kind: np.concatenate(parts) for kind, parts in kinds.items()}


def scores(center, count=500):
    return {name: RNG.normal(center, size=count) for name in ("distance", "energy")}


def test_the_threshold_leaves_the_rate_above():
    values = RNG.normal(size=1000)
    assert (values > ood_detection.threshold(values, 0.01)).sum() == 10
    assert (values > ood_detection.threshold(values, 0.2)).sum() == 200


@pytest.mark.parametrize(
    ("values", "rate", "expected"),
    [
        (range(101), 0.03, 97.0),
        ([3, 0, 1, 2], 0.5, 1.5),
        ([0, 1 / 3, 9], 0.5, 0.333333),
        ([0, 1], 0.25, 0.75),
    ],
)
def test_the_threshold_is_a_quantile_to_six_digits(values, rate, expected):
    assert ood_detection.threshold(np.array(values), rate) == expected


def test_a_table_of_scores_that_were_counted_by_hand():
    """Of 12 pairs of distances of near and of test images, 7 and 2 ties are right."""
    validation = {"distance": np.arange(101.0), "energy": -np.arange(101.0)}
    found = {
        "test": {"distance": np.array([1, 2, 98, 97.0]), "energy": np.full(4, -9.0)},
        "near": {"distance": np.array([2, 97, 99.0]), "energy": np.full(3, -3.0)},
        "far": {"distance": np.array([200.0]), "energy": np.array([-2.9])},
    }
    table = ood_detection.detection(validation, found, 0.03)
    assert table.to_dict("list") == {
        "kind": ["near", "far", "mean", "test"],
        "knn_auroc": [0.6667, 1.0, 0.8333, 0.5],
        "knn_tpr": [0.3333, 1.0, 0.6667, 0.25],
        "energy_auroc": [1.0, 1.0, 1.0, 0.5],
        "energy_tpr": [0.0, 1.0, 0.5, 0.0],
    }


def test_energy_is_high_where_no_logit_is():
    predictions = {"distance": np.zeros(2), "logits": np.array([[9, 0, 0], [1, 1, 1]], np.float32)}
    energy = ood_detection.scores(predictions)["energy"]
    assert energy[0] < energy[1]
    np.testing.assert_allclose(
        -energy, np.log(np.exp(predictions["logits"]).sum(axis=1)), rtol=1e-6
    )


def test_a_row_for_each_kind_their_mean_and_the_false_alarms():
    found = {"test": scores(0), "far": scores(9), "near": scores(0.5)}
    table = ood_detection.detection(scores(0, count=2000), found, 0.05).set_index("kind")
    assert table.index.tolist() == ["far", "near", "mean", "test"]
    assert table.loc["far"].tolist() == [1, 1, 1, 1]
    assert 0.5 < table.loc["near", "knn_auroc"] < 0.8
    expected = (1 + table.loc["near", "energy_tpr"]) / 2
    assert table.loc["mean", "energy_tpr"] == pytest.approx(expected, abs=1e-4)
    assert table.loc["test", "knn_auroc"] == 0.5
    assert table.loc["test", "knn_tpr"] == pytest.approx(0.05, abs=0.03)


def test_seven_kinds_of_images_are_of_the_size_of_the_test_images_and_the_same_each_time():
    kinds = whole(TEST, 25, seed=0)
    assert len(kinds) == 7
    for kind, again in zip(kinds.values(), whole(TEST, 25, seed=0).values(), strict=True):
        assert (kind.shape, kind.dtype) == ((25, 20, 24), np.uint8)
        np.testing.assert_array_equal(kind, again)
        assert len(np.unique(kind, axis=0)) == 25
    other = whole(TEST, 25, seed=1)
    assert all((kinds[name] != other[name]).any() for name in kinds)


def test_images_that_are_changed_are_test_images():
    kinds = whole(TEST, 1000, seed=0)  # all that there are
    np.testing.assert_array_equal(255 - kinds["negative"], TEST)
    np.testing.assert_array_equal(kinds["upside down"], TEST[:, ::-1])
    same = [np.sort(images.reshape(len(TEST), -1)) for images in (kinds["shuffled pixels"], TEST)]
    np.testing.assert_array_equal(*same)
    assert (kinds["shuffled pixels"] != TEST).any()


@pytest.mark.parametrize("kind", ["blobs", "gratings", "digits"])
def test_made_images_use_the_whole_range_of_greys(kind):
    images = whole(TEST, 25, seed=0)[kind]
    assert (images.min(axis=(1, 2)) == 0).all()
    assert (images.max(axis=(1, 2)) == 255).all()


@pytest.mark.parametrize("shape", [(20, 24), (13, 17), (9, 31, 3)])
def test_images_do_not_depend_on_how_many_are_made_at_a_time(monkeypatch, shape):
    test = RNG.integers(0, 256, (30, *shape), dtype=np.uint8)
    expected = whole(test, 25, seed=0)
    monkeypatch.setattr(unlike, "BATCH_NUMBERS", 4 * int(np.prod(shape)))
    assert max(len(images) for _, images in ood_images(test, 25, seed=0)) == 4
    found = whole(test, 25, seed=0)
    assert list(found) == list(expected)
    for kind, images in expected.items():
        np.testing.assert_array_equal(found[kind], images)


def test_the_images_for_fashion_mnist_stay_as_they_are():
    """Of their published figures; drawn from one generator, kind after kind."""
    test = np.random.default_rng(7).integers(0, 256, (1200, 28, 28), dtype=np.uint8)
    digest = hashlib.sha256()
    for kind in ("noise", "shuffled pixels", "negative"):  # integers alone: equal everywhere
        digest.update(whole(test, 1000, seed=0)[kind].tobytes())
    assert digest.hexdigest()[:12] == "188a81df6423"


def test_each_kind_is_drawn_as_before():
    """The mean of the eighth image of each kind, where floats make last bits differ."""
    test = np.random.default_rng(7).integers(0, 256, (1200, 28, 28), dtype=np.uint8)
    means = {kind: images[7].mean() for kind, images in whole(test, 1000, seed=0).items()}
    assert means == pytest.approx(
        {
            "noise": 128.9,
            "blobs": 129.9,
            "gratings": 128.3,
            "digits": 100.7,
            "shuffled pixels": 127.3,
            "negative": 127.7,
            "upside down": 127.3,
        },
        abs=0.1,
    )


def test_memory_does_not_grow_with_the_count_of_large_images():
    test = np.zeros((3, 224, 224, 3), np.uint8)
    peaks = {}
    for count in (20, 80):
        tracemalloc.start()
        for _ in ood_images(test, count, seed=0):
            pass
        peaks[count] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    assert peaks[80] < 1.1 * peaks[20] < 250  # MB; 80 images as float64 are 96


def test_scores_of_some_at_a_time_are_those_of_all():
    parts = [scores(0, count=3), scores(1, count=5)]
    found = ood_detection.joined([("a", parts[0]), ("b", scores(2)), ("a", parts[1])])
    assert list(found) == ["a", "b"]
    for name in ("distance", "energy"):
        np.testing.assert_array_equal(
            found["a"][name], np.concatenate([part[name] for part in parts])
        )
