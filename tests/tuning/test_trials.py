"""Tables and figures of a search."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fashion.io.files import read_csv, write_csv, write_figure
from fashion.tuning import figures
from fashion.tuning.trials import best_trial, importance_table, nest, setting_columns, trial_table
from tests.tuning.conftest import ROOT

REPORTS = ROOT / "reports" / "tune"
SETTINGS = ["network.units", "augment.flip", "fit.learning_rate"]


def trial(number, units, flip, rate, accuracy, epochs=9, loss=1.0):
    measured = {"epochs": epochs, "val_accuracy": accuracy, "val_loss": loss, "parameters": 7.0}
    values = dict(zip(SETTINGS, (units, flip, rate), strict=True))
    return {"trial": f"{number:02d}", **measured, "seconds": 2.04, **values}


@pytest.fixture
def trials():
    return [
        trial(0, [8], True, 0.01, 0.80, epochs=1),
        trial(1, [8, 8], False, 0.2, 0.99, epochs=1),
        trial(2, [8], True, 0.02, 0.90),
        trial(3, [4], False, 0.1, 0.0, loss=None),
    ]


@pytest.fixture
def committed():
    return read_csv(REPORTS / "trials.csv", text_columns=["trial"])


def test_the_table_of_trials_has_rounded_scores_and_reads_back(tmp_path):
    rows = [trial(0, [8], True, 0.123456789, 0.12345678), trial(1, [4], False, 0.1, 0.0, loss=None)]
    write_csv(tmp_path / "trials.csv", trial_table(rows))
    text = (tmp_path / "trials.csv").read_text().splitlines()
    assert text[1:] == [
        "00,9,0.123457,1.0,7,2.0,[8],True,0.123456789",
        "01,9,0.0,,7,2.0,[4],False,0.1",
    ]
    again = read_csv(tmp_path / "trials.csv", text_columns=["trial"])
    assert setting_columns(again) == SETTINGS
    assert again["augment.flip"].tolist() == [True, False]


def test_the_best_trial_has_the_highest_accuracy_among_those_with_the_most_epochs(trials):
    best = best_trial(trials)
    assert best["trial"] == "02"
    assert nest({name: best[name] for name in SETTINGS}) == {
        "network": {"units": [8]},
        "augment": {"flip": True},
        "fit": {"learning_rate": 0.02},
    }


def test_a_single_trial_has_tables_and_figures(trials):
    table = trial_table(trials[:1])
    importance = importance_table(table, seed=0)
    assert importance.empty
    assert figures.importance_bars(importance, "mlp")
    assert figures.parallel_coordinates(table, "mlp")


@pytest.mark.usefixtures("fashion_mnist")
@pytest.mark.parametrize("name", ["parallel", "importance"])
def test_the_committed_figures_are_drawn_from_the_committed_tables(
    committed, committed_params, tmp_path, name
):
    figure = {
        "parallel": lambda: figures.parallel_coordinates(committed, committed_params.tune.network),
        "importance": lambda: figures.importance_bars(
            read_csv(REPORTS / "importance.csv"), committed_params.tune.network
        ),
    }[name]()
    write_figure(tmp_path / "drawn.png", figure, committed_params.plot.dpi)
    drawn, expected = (
        np.asarray(Image.open(path)) for path in (tmp_path / "drawn.png", REPORTS / f"{name}.png")
    )
    np.testing.assert_array_equal(drawn, expected)


@pytest.mark.usefixtures("fashion_mnist")
def test_the_committed_importance_follows_from_the_committed_trials(committed, committed_params):
    importance = importance_table(committed, seed=committed_params.tune.seed)
    assert set(importance["hyperparameter"]) == set(committed_params.tune.space)
    pd.testing.assert_frame_equal(
        importance.reset_index(drop=True), read_csv(REPORTS / "importance.csv")
    )
