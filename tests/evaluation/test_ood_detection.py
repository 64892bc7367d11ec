import keras
import numpy as np
import pytest

from fashion.config.stages import OodDetection
from fashion.evaluation.ood_detection import choose_threshold, evaluate_ood, ood_report
from fashion.inference.model import make_inference_model
from fashion.io.labeled_images import LabeledImages
from tests.conftest import small_split

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("scores", "target_fpr", "expected"),
    [(range(101), 0.03, 97.0), ([3, 0, 1, 2], 0.5, 1.5), ([0, 1 / 3, 9], 0.5, 0.3333)],
)
def test_the_threshold_is_a_quantile_of_the_validation_scores(scores, target_fpr, expected):
    assert choose_threshold(np.array(scores), target_fpr) == expected


def test_a_report_by_hand():
    """Of 12 pairs of a "near" and a test image, the knn score orders 7 and ties 2."""
    found = ood_report(
        validation={"knn": np.arange(101.0), "energy": -np.arange(101.0)},
        test={"knn": np.array([1, 2, 98, 97.0]), "energy": np.full(4, -9.0)},
        ood={
            "near": {"knn": np.array([2, 97, 99.0]), "energy": np.full(3, -3.0)},
            "far": {"knn": np.array([200.0]), "energy": np.array([-2.9])},
        },
        target_fpr=0.03,
    )
    assert found.table.to_dict("list") == {
        "dataset": ["near", "far", "mean"],
        "knn_auroc": [0.6667, 1.0, 0.8333],
        "knn_tpr": [0.3333, 1.0, 0.6667],
        "energy_auroc": [1.0, 1.0, 1.0],
        "energy_tpr": [0.0, 1.0, 0.5],
    }
    assert found.threshold == 97
    assert found.metrics == {"ood_auroc": 0.8333, "ood_tpr": 0.6667, "ood_fpr": 0.25}


def test_images_that_look_different_are_detected():
    images = keras.Input((20, 20), name="images")
    last = keras.layers.Dense(5, activation="softmax", name="probabilities")
    model = keras.Model(images, last(keras.layers.Flatten(name="flatten")(images)))
    splits = [small_split(per_class=count, seed=count) for count in (40, 20, 12)]
    params = OodDetection(knn_bank_size=100, k=3, target_fpr=0.1)
    found = evaluate_ood(
        make_inference_model(model), LabeledImages(*splits[0]), splits[1][0], splits[2][0], params
    )
    table = found.table.set_index("dataset")
    assert [*table.index][-1] == "mean"
    assert table.loc["blobs", "knn_auroc"] > table.loc["blobs", "knn_tpr"] > 0.9
    assert 0 <= found.metrics["ood_fpr"] < 0.4
