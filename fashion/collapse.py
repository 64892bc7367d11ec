"""Networks that learned little: as good as one answer for all images, or some class never answered.

The sentence of `describe_collapse` is printed by stages and shown in reports; no output depends on
it.
"""

from collections.abc import Sequence

import numpy as np

from fashion.names import join_names, quote


def describe_collapse(labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> str:
    """What is wrong with predictions, and what to try; empty if they pass.

    `labels` and `predicted` are integer [count], indices of `classes`. They fail if accuracy is at
    most the share of the largest class, unless balanced accuracy is nearer to 1 than to that of
    always answering the largest class; or if a class is never answered.

    >>> describe_collapse(np.array([0, 0, 1]), np.zeros(3, int), ["cat", "dog"]).split("; ")[0]
    "no better than always answering 'cat' (66.7 %), never answers 'dog'"
    """
    count = len(classes)
    images, answers, correct = (
        np.bincount(values, minlength=count)
        for values in (labels, predicted, labels[labels == predicted])
    )
    present = images > 0
    balanced_accuracy = (correct[present] / images[present]).mean()
    is_useful = balanced_accuracy > (1 + 1 / present.sum()) / 2
    facts, advice = [], "try fit.class_weights: balanced or another fit.learning_rate"
    if correct.sum() <= images.max() and not is_useful:
        share = f"{images.max() / images.sum():.1%}".replace("%", " %")
        facts.append(
            f"no better than always answering {quote(classes[int(images.argmax())])} ({share})"
        )
        advice = "change fit.learning_rate or train longer"
    if never := [classes[index] for index in np.flatnonzero(present & (answers == 0)).tolist()]:
        facts.append(f"never answers {join_names(never)}")
    return f"{', '.join(facts)}; {advice}" if facts else ""
