"""Test images that all trainings call the same class, which is not their label."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.seeds import REPORT, predictions_path, settings
from fashion.io.files import read_csv, write_csv, write_json
from research.label_noise import FOLDER, agreed, of_seeds
from tests.conftest import CLASSES


def test_all_must_agree_and_none_with_the_label():
    called = np.array([[0, 1, 2, 3], [0, 1, 1, 3], [0, 1, 2, 3]])
    assert agreed(called, np.array([0, 2, 0, 1])).tolist() == [1, 3]


def test_other_seeds_of_the_same_settings_have_a_say(tmp_path, monkeypatch, small_params):
    monkeypatch.chdir(tmp_path)
    known = {"mlp": {"settings": settings(small_params, "mlp")}, "cnn": {"settings": {}}}
    write_json(REPORT, {"networks": known})
    for network in known:
        table = pd.DataFrame({f"seed_{seed}": [seed, 7] for seed in (0, 1, 2)})
        write_csv(predictions_path(network), table)
    assert np.array_equal(of_seeds("mlp", small_params), [[1, 7], [2, 7]])
    assert of_seeds("cnn", small_params) == []


@pytest.mark.slow
def test_the_table_has_what_the_predictions_have_in_common(project):
    project.run("python", "-m", "research.label_noise")
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
