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


def test_the_setting_that_determines_the_accuracy_is_the_most_important():
    rng = np.random.default_rng(0)
    table = trial_table(
        [
            trial(n, [int(width)], bool(rng.integers(2)), rng.uniform(), 0.5 + width / 100)
            for n, width in enumerate(rng.integers(1, 9, 40))
        ]
    )
    importance = importance_table(table, seed=0)
    assert importance["hyperparameter"].iloc[0] == "network.units"
    assert importance["importance"].iloc[0] > 10 * importance["importance"].iloc[1:].max()
    assert set(importance["hyperparameter"]) == set(SETTINGS), "epochs did not vary"


def test_a_single_trial_has_tables_and_figures(trials):
    table = trial_table(trials[:1])
    importance = importance_table(table, seed=0)
    assert importance.empty
    assert figures.importance_bars(importance, "mlp")
    assert figures.parallel_coordinates(table, "mlp")


def test_figures_show_every_setting_and_trial(trials):
    table = trial_table(trials)
    figure = figures.parallel_coordinates(table, "mlp")
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == [*SETTINGS, "val_accuracy"]
    lines = [line for line in axes.lines if len(line.get_xdata()) == len(labels)]
    assert len(lines) == len(table)
    texts = {text.get_text() for text in axes.texts}
    assert {"[8]", "[8, 8]", "[4]", "True", "False", "0.02", "0.99"} <= texts
    rows = importance_table(table, seed=0)
    bars = figures.importance_bars(rows, "mlp").axes[0]
    assert [t.get_text() for t in bars.get_yticklabels()] == list(rows["hyperparameter"][::-1])


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


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
    np.testing.assert_array_equal(pixels(tmp_path / "drawn.png"), pixels(REPORTS / f"{name}.png"))


def test_the_committed_importance_follows_from_the_committed_trials(committed, committed_params):
    importance = importance_table(committed, seed=committed_params.tune.seed)
    assert set(importance["hyperparameter"]) == set(committed_params.tune.space)
    pd.testing.assert_frame_equal(
        importance.reset_index(drop=True), read_csv(REPORTS / "importance.csv")
    )


@pytest.mark.parametrize(
    ("levels", "expected"), [(4, ["0.25", "1.25", "2.25", "3.25"]), (5, ["0.25", "4.25"])]
)
def test_up_to_four_values_of_a_setting_are_labelled_otherwise_both_ends(levels, expected):
    table = trial_table([trial(n, list(range(10, 30)), True, 0.25 + n, 0.5) for n in range(levels)])
    texts = figures.parallel_coordinates(table, "mlp").axes[0].texts
    assert "[10, 11, 12, 13, " in {text.get_text() for text in texts}
    column = SETTINGS.index("fit.learning_rate")
    assert [text.get_text() for text in texts if text.xy[0] == column] == expected


def test_the_best_quarter_is_blue_and_the_others_are_grey():
    """The trial at the third quartile belongs to the best; each axis goes from 0 to 1."""
    flips = (True, False, True, False, True)
    trials = [trial(n, [8], flip, 0.1, 0.1 + n / 10) for n, flip in enumerate(flips)]
    lines = figures.parallel_coordinates(trial_table(trials), "mlp").axes[0].lines[:5]
    ends = [(line.get_color(), *line.get_ydata()[[1, -1]]) for line in lines]
    grey = [(figures.GREY, 1, 0), (figures.GREY, 0, 0.25), (figures.GREY, 1, 0.5)]
    assert ends == [*grey, (figures.BLUE, 0, 0.75), (figures.BLUE, 1, 1)]
