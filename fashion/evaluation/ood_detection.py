"""Detect images that show none of the classes (out-of-distribution, OOD), and measure how well.

There are two scores: `knn`, the distance to the nearest reference images (`fashion.inference.knn`),
and `energy`, the energy of the logits (Liu et al., arxiv.org/abs/2010.03759). Both are higher for
images that are less like the training images. Thresholds are chosen on the validation images.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

from fashion.config.stages import OodDetection
from fashion.evaluation.ood_images import ood_images
from fashion.inference.knn import Bank
from fashion.inference.model import Outputs, make_bank, outputs_in_batches
from fashion.io.labeled_images import LabeledImages

DIGITS = 4
SEED = 0  # of the OOD images
IMAGES_PER_DATASET = 1000  # at most, and at most as many as test images
Scores = dict[str, np.ndarray]  # float [count] by the name of the score


class OodReport(NamedTuple):
    """The threshold of the `knn` score, its metrics, and a table of both scores by dataset."""

    threshold: float
    metrics: dict[str, float]
    table: pd.DataFrame


def evaluate_ood(
    model: keras.Model,
    train: LabeledImages,
    validation: np.ndarray,
    test: np.ndarray,
    params: OodDetection,
) -> OodReport:
    """Choose the threshold on the `validation` images, and measure it on test and OOD images.

    `model` is an inference model; `validation` and `test` are uint8 [count, height, width, ...].
    """
    bank = make_bank(model, train, params.knn_bank_size)

    def score(images: np.ndarray) -> Scores:
        batches = outputs_in_batches(model, images)
        return _concatenate(_scores(outputs, bank, params.k) for outputs in batches)

    ood: dict[str, list[Scores]] = defaultdict(list)
    count = min(IMAGES_PER_DATASET, len(test))
    for name, images in ood_images(test, count, SEED):
        ood[name].append(score(images))
    ood_scores = {name: _concatenate(scores) for name, scores in ood.items()}
    return ood_report(score(validation), score(test), ood_scores, params.target_fpr)


def _scores(outputs: Outputs, bank: Bank, k: int) -> Scores:
    energy = -logsumexp(outputs["logits"].astype(np.float64), axis=1)
    return {"knn": bank.distances(outputs["features"], k), "energy": energy}


def _concatenate(batches: Iterable[Scores]) -> Scores:
    parts = list(batches)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def ood_report(
    validation: Scores, test: Scores, ood: Mapping[str, Scores], target_fpr: float
) -> OodReport:
    """Compare the scores of test images with those of each OOD dataset, rounded to four digits.

    The table has the columns `dataset` and, for each score, `NAME_auroc` (area under the ROC curve
    against the test images) and `NAME_tpr` (true-positive rate: the fraction of OOD images above
    the threshold). The last row is the mean over datasets. The metric `ood_fpr` is the
    false-positive rate: the fraction of test images above the threshold.
    """
    thresholds = {name: choose_threshold(scores, target_fpr) for name, scores in validation.items()}
    table = pd.DataFrame.from_dict(
        {name: _metrics_row(test, scores, thresholds) for name, scores in ood.items()},
        orient="index",
    )
    table.loc["mean"] = table.mean()
    table = table.round(DIGITS).rename_axis("dataset").reset_index()
    mean = table.iloc[-1]
    metrics = {
        "ood_auroc": float(mean["knn_auroc"]),
        "ood_tpr": float(mean["knn_tpr"]),
        "ood_fpr": round(float((test["knn"] > thresholds["knn"]).mean()), DIGITS),
    }
    return OodReport(thresholds["knn"], metrics, table)


def choose_threshold(validation: np.ndarray, target_fpr: float) -> float:
    """The score that the fraction `target_fpr` of the `validation` scores exceeds."""
    return round(float(np.quantile(validation, 1 - target_fpr)), DIGITS)


def _metrics_row(test: Scores, ood: Scores, thresholds: Mapping[str, float]) -> dict[str, float]:
    row = {}
    for name, threshold in thresholds.items():
        is_ood = np.repeat([False, True], [len(test[name]), len(ood[name])])
        scores = np.concatenate([test[name], ood[name]])
        row[f"{name}_auroc"] = float(roc_auc_score(is_ood, scores))
        row[f"{name}_tpr"] = float((ood[name] > threshold).mean())
    return row
