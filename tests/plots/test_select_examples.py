"""The images and classes that figures show."""

import numpy as np
import pandas as pd

from fashion.plots.select_examples import confident_mistakes, examples
from tests.conftest import CLASSES


def test_mistakes_and_examples_are_chosen_by_confidence():
    names = np.repeat(CLASSES, 5)
    confidence = np.tile([0.5, 0.9, 0.7, 0.6, 0.8], 5)
    predicted = np.where(np.arange(25) % 5 < 3, CLASSES[-1], names)
    table = pd.DataFrame({"actual": names, "predicted": predicted, "confidence": confidence})
    mistakes = table.loc[confident_mistakes(table, 4)]
    assert (mistakes["confidence"] == 0.9).all()
    assert (mistakes["actual"] != CLASSES[-1]).all()
    indices = np.stack(examples(table, CLASSES, 3))
    assert confidence[indices].tolist() == [[0.9, 0.7, 0.5]] * 5
    assert (names[indices] == np.array(CLASSES)[:, None]).all()


def test_examples_are_evenly_spaced_by_confidence():
    table = pd.DataFrame({"actual": ["a"] * 7 + ["b"], "confidence": [*np.arange(7) / 10, 1.0]})
    found = examples(table, ["b", "a", "c"], 4)
    assert [indices.tolist() for indices in found] == [[7], [6, 4, 2, 0], []]
    assert [indices.tolist() for indices in examples(table, ["a"], 1)] == [[6]]
