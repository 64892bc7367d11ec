"""The figures show the images and classes that say most."""

import numpy as np
import pandas as pd

from fashion.plots import select_examples
from tests.conftest import CLASSES


def test_mistakes_and_examples_are_chosen_by_confidence():
    names = np.repeat(CLASSES, 5)
    confidence = np.tile([0.5, 0.9, 0.7, 0.6, 0.8], 5)
    predicted = np.where(np.arange(25) % 5 < 3, CLASSES[-1], names)
    table = pd.DataFrame({"actual": names, "predicted": predicted, "confidence": confidence})
    wrong = select_examples.confident_mistakes(table, 4)
    assert (table.loc[wrong, "confidence"] == 0.9).all()
    assert (table.loc[wrong, "actual"] != CLASSES[-1]).all()
    rows = np.stack(select_examples.examples(table, CLASSES, 3))
    assert confidence[rows].tolist() == [[0.9, 0.7, 0.5]] * 5
    assert (names[rows] == np.array(CLASSES)[:, None]).all()


def test_examples_are_spread_from_the_most_to_the_least_confident():
    table = pd.DataFrame({"actual": ["a"] * 7 + ["b"], "confidence": [*np.arange(7) / 10, 1.0]})
    table = table.assign(predicted=table["actual"])
    assert [rows.tolist() for rows in select_examples.examples(table, ["b", "a"], 4)] == [
        [7],
        [6, 4, 2, 0],
    ]
    assert [rows.tolist() for rows in select_examples.examples(table, ["a"], 1)] == [[6]]
    assert [rows.tolist() for rows in select_examples.examples(table, ["c"], 2)] == [[]]
    assert select_examples.confident_mistakes(table, 3).tolist() == []


def test_of_equally_confident_ones_the_first_come_first():
    table = pd.DataFrame({"actual": "a", "predicted": "b", "confidence": [0.5] * 40})
    assert select_examples.confident_mistakes(table, 3).tolist() == [0, 1, 2]
    classes = pd.DataFrame({"class": [str(n) for n in range(40)], "f1": 0.5})
    assert select_examples.worst_classes(classes, 3) == ["0", "1", "2"]


def test_the_worst_classes_are_those_of_lowest_f1_in_the_order_of_labels():
    classes = pd.DataFrame({"class": list("abcd"), "f1": [0.5, 0.9, 0.1, 0.7]})
    assert select_examples.worst_classes(classes, 3) == ["a", "c", "d"]
    assert select_examples.worst_classes(classes, 9) == ["a", "b", "c", "d"]
