"""How well a score tells images of no class from those of the classes.

A score is float [images], higher for what is less familiar. Sources: Sun et al.,
arxiv.org/abs/2204.06507 (distance to the nearest training features); Liu et al.,
arxiv.org/abs/2010.03759 (energy of the logits).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

DIGITS = 6  # of a threshold
TABLE_DIGITS = 4
Scores = dict[str, np.ndarray]  # by the name of the score


def scores(predictions: Mapping[str, np.ndarray]) -> Scores:
    """Of images for which a model says `distance` [count] and `logits` [count, classes]."""
    energy = -logsumexp(predictions["logits"].astype(np.float64), axis=1)
    return {"distance": predictions["distance"], "energy": energy}


def joined(parts: Iterable[tuple[str, Scores]]) -> dict[str, Scores]:
    """The scores of each kind of images, of `parts` that have a kind and the scores of some."""
    found: dict[str, list[Scores]] = defaultdict(list)
    for kind, some in parts:
        found[kind].append(some)
    return {
        kind: {name: np.concatenate([some[name] for some in several]) for name in several[0]}
        for kind, several in found.items()
    }


def threshold(validation: np.ndarray, target_fpr: float) -> float:
    """The score that the fraction `target_fpr` of the `validation` scores is above."""
    return round(float(np.quantile(validation, 1 - target_fpr)), DIGITS)


def detection(validation: Scores, found: Mapping[str, Scores], target_fpr: float) -> pd.DataFrame:
    """Columns `kind` and, for each score, `NAME_auroc` and `NAME_detected`, to four digits.

    `found` has the scores of each kind of images, the first one familiar: test images. A row for
    each of the others, for their mean, and for the familiar ones, whose `detected` is the rate of
    false alarms. `auroc` is the area under the ROC curve against the familiar ones, `detected` the
    fraction above the threshold that the `validation` scores give.
    """
    limits = {name: threshold(values, target_fpr) for name, values in validation.items()}
    first, *others = found
    rows = {kind: _row(found[first], found[kind], limits) for kind in (*others, first)}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.loc["mean"] = table.loc[others].mean()
    order = [*others, "mean", first]
    return table.loc[order].round(TABLE_DIGITS).rename_axis("kind").reset_index()


def _row(familiar: Scores, found: Scores, limits: Mapping[str, float]) -> dict[str, float]:
    row = {}
    for name, limit in limits.items():
        both = np.concatenate([familiar[name], found[name]])
        is_found = np.repeat([False, True], [len(familiar[name]), len(found[name])])
        row[f"{name}_auroc"] = float(roc_auc_score(is_found, both))
        row[f"{name}_detected"] = float((found[name] > limit).mean())
    return row
