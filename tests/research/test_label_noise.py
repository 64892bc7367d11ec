"""Test images for which all trainings predict the same class, but not the label."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.seeds import REPORT, predictions_path, settings
from fashion.io.files import read_csv, write_csv, write_json
from research.label_noise import FOLDER, agreed, other_seeds


def test_all_trainings_agree_and_none_predicts_the_label():
    predicted = np.array([[0, 1, 2, 3], [0, 1, 1, 3], [0, 1, 2, 3]])
    assert agreed(predicted, np.array([0, 2, 0, 1])).tolist() == [1, 3]


def test_other_seeds_count_if_their_settings_are_current(tmp_path, monkeypatch, small_params):
    monkeypatch.chdir(tmp_path)
    known = {"mlp": {"settings": settings(small_params, "mlp")}, "cnn": {"settings": {}}}
    write_json(REPORT, {"networks": known})
    for network in known:
        table = pd.DataFrame({f"seed_{seed}": [seed, 7] for seed in (0, 1, 2)})
        write_csv(predictions_path(network), table)
    assert np.array_equal(other_seeds("mlp", small_params), [[1, 7], [2, 7]])
    assert other_seeds("cnn", small_params) == []


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
