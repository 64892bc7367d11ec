"""Test images that all trainings call the same class, which is not their label."""

import numpy as np
import pytest

from fashion.files import read_csv
from tests.conftest import CLASSES
from tools.label_noise import FOLDER, agreed


def test_all_must_agree_and_none_with_the_label():
    called = np.array([[0, 1, 2, 3], [0, 1, 1, 3], [0, 1, 2, 3]])
    assert agreed(called, np.array([0, 2, 0, 1])).tolist() == [1, 3]


@pytest.mark.slow
def test_the_table_has_what_the_predictions_have_in_common(project):
    project.run("python", "-m", "tools.label_noise")
    found = read_csv(project.folder / FOLDER / "images.csv", ["actual", "predicted"])
    tables = [
        read_csv(project.folder / f"reports/{name}/predictions.csv", ["actual", "predicted"])
        for name in ("mlp", "cnn")
    ]
    first, second = tables
    same = (first.predicted == second.predicted) & (first.predicted != first.actual)
    assert sorted(found.row) == np.flatnonzero(same).tolist()
    assert set(found.actual) <= set(CLASSES)
    assert (project.folder / FOLDER / "gallery.png").stat().st_size > 0
