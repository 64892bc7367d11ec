"""The figures show the images and classes that say most."""

import numpy as np
import pandas as pd

from fashion.plots import shown
from tests.conftest import CLASSES


def test_mistakes_and_examples_are_chosen_by_confidence():
    names = np.repeat(CLASSES, 5)
    confidence = np.tile([0.5, 0.9, 0.7, 0.6, 0.8], 5)
    predicted = np.where(np.arange(25) % 5 < 3, CLASSES[-1], names)
    table = pd.DataFrame({"actual": names, "predicted": predicted, "confidence": confidence})
    wrong = shown.confident_mistakes(table, 4)
    assert (table.loc[wrong, "confidence"] == 0.9).all()
    assert (table.loc[wrong, "actual"] != CLASSES[-1]).all()
    rows = np.stack(shown.examples(table, CLASSES, 3))
    assert confidence[rows].tolist() == [[0.9, 0.7, 0.5]] * 5
    assert (names[rows] == np.array(CLASSES)[:, None]).all()


def test_the_worst_classes_are_those_of_lowest_f1_in_the_order_of_labels():
    classes = pd.DataFrame({"class": list("abcd"), "f1": [0.5, 0.9, 0.1, 0.7]})
    assert shown.worst_classes(classes, 3) == ["a", "c", "d"]
    assert shown.worst_classes(classes, 9) == ["a", "b", "c", "d"]
