import numpy as np
import pytest

from fashion.export import familiarity
from fashion.export.unlike import unlike_images

RNG = np.random.default_rng(0)
TEST = RNG.integers(0, 256, (30, 20, 24), dtype=np.uint8)


def scores(center, count=500):
    return {name: RNG.normal(center, size=count) for name in ("distance", "energy")}


def test_the_threshold_leaves_the_rate_above():
    values = RNG.normal(size=1000)
    assert (values > familiarity.threshold(values, 0.01)).sum() == 10
    assert (values > familiarity.threshold(values, 0.2)).sum() == 200


def test_energy_is_high_where_no_logit_is():
    answers = {"distance": np.zeros(2), "logits": np.array([[9, 0, 0], [1, 1, 1]], np.float32)}
    energy = familiarity.scores(answers)["energy"]
    assert energy[0] < energy[1]
    np.testing.assert_allclose(-energy, np.log(np.exp(answers["logits"]).sum(axis=1)), rtol=1e-6)


def test_a_row_for_each_kind_their_mean_and_the_false_alarms():
    found = {"test": scores(0), "far": scores(9), "near": scores(0.5)}
    table = familiarity.detection(scores(0, count=2000), found, 0.05).set_index("kind")
    assert table.index.tolist() == ["far", "near", "mean", "test"]
    assert table.loc["far"].tolist() == [1, 1, 1, 1]
    assert 0.5 < table.loc["near", "distance_auroc"] < 0.8
    expected = (1 + table.loc["near", "energy_detected"]) / 2
    assert table.loc["mean", "energy_detected"] == pytest.approx(expected, abs=1e-4)
    assert table.loc["test", "distance_auroc"] == 0.5
    assert table.loc["test", "distance_detected"] == pytest.approx(0.05, abs=0.03)


def test_seven_kinds_of_images_are_of_the_size_of_the_test_images_and_the_same_each_time():
    kinds = unlike_images(TEST, 25, seed=0)
    assert len(kinds) == 7
    for kind, again in zip(kinds.values(), unlike_images(TEST, 25, seed=0).values(), strict=True):
        assert (kind.shape, kind.dtype) == ((25, 20, 24), np.uint8)
        np.testing.assert_array_equal(kind, again)
        assert len(np.unique(kind, axis=0)) == 25
    other = unlike_images(TEST, 25, seed=1)
    assert all((kinds[name] != other[name]).any() for name in kinds)


def test_images_that_are_changed_are_test_images():
    kinds = unlike_images(TEST, 1000, seed=0)  # all that there are
    np.testing.assert_array_equal(255 - kinds["negative"], TEST)
    np.testing.assert_array_equal(kinds["upside down"], TEST[:, ::-1])
    same = [np.sort(images.reshape(len(TEST), -1)) for images in (kinds["shuffled pixels"], TEST)]
    np.testing.assert_array_equal(*same)
    assert (kinds["shuffled pixels"] != TEST).any()


@pytest.mark.parametrize("kind", ["blobs", "gratings", "digits"])
def test_made_images_use_the_whole_range_of_greys(kind):
    images = unlike_images(TEST, 25, seed=0)[kind]
    assert (images.min(axis=(1, 2)) == 0).all()
    assert (images.max(axis=(1, 2)) == 255).all()
