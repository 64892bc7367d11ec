"""Test images for which all trainings predict the same class, but not the label."""

import numpy as np
import pytest

from fashion.io.files import read_csv
from research.label_noise import FOLDER, agreed


def test_all_trainings_agree_and_none_predicts_the_label():
    predicted = np.array([[0, 1, 2, 3], [0, 1, 1, 3], [0, 1, 2, 3]])
    assert agreed(predicted, np.array([0, 2, 0, 1])).tolist() == [1, 3]


@pytest.mark.slow
def test_the_table_has_the_images_that_both_networks_misclassify_alike(project):
    project.run("python", "-m", "research.label_noise")
    noise = read_csv(project.folder / FOLDER / "images.csv", ["actual", "predicted"])
    first, second = (
        read_csv(project.folder / f"reports/{name}/predictions.csv", ["actual", "predicted"])
        for name in ("mlp", "cnn")
    )
    same = (first.predicted == second.predicted) & (first.predicted != first.actual)
    assert sorted(noise["index"]) == np.flatnonzero(same).tolist()
    assert (project.folder / FOLDER / "gallery.png").stat().st_size > 0
