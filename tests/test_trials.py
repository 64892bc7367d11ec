"""Tables and pictures of a search, and its result written into the parameters."""

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from fashion import trial_figures
from fashion.artifacts import write_figure, write_yaml
from fashion.params import ParamsError, load_params
from fashion.trials import best_trial, importance, positions, trial_table
from stages.apply_best import main as apply_best
from tests.conftest import ROOT

NAMES = ["optimizer", "learning_rate.adam", "learning_rate.sgd", "width", "noise"]


def trial(number, optimizer, rate, width, noise, accuracy, epochs=9, before=None):
    values = {
        "optimizer": optimizer, f"learning_rate.{optimizer}": rate, "width": width, "noise": noise,
        "tuner/epochs": epochs,
    }  # fmt: skip
    if before:
        values["tuner/trial_id"] = before
    metrics = {
        "val_accuracy": accuracy, "val_loss": 1.0, "epochs": epochs, "parameters": 7,
        "seconds": 2.04,
    }  # fmt: skip
    return f"{number:02d}", values, metrics


@pytest.fixture
def table():
    return trial_table(
        NAMES,
        [
            trial(0, "adam", 0.01, 8, 0.3, 0.80, epochs=1),
            trial(1, "sgd", 0.2, 16, 0.1, 0.99, epochs=1),
            trial(2, "adam", 0.02, 16, 0.2, 0.90, before="00"),
            trial(3, "sgd", 0.1, 8, 0.4, 0.70, epochs=9),
        ],
    )


def test_the_table_has_each_trials_values_and_gaps_where_one_has_no_meaning(table):
    assert list(table["trial"]) == ["00", "01", "02", "03"]
    assert table["goes_on_with"].fillna("").tolist() == ["", "", "00", ""]
    assert table["seconds"].tolist() == [2.0] * 4
    assert table["learning_rate.adam"].isna().tolist() == [False, True, False, True]


def test_the_best_is_chosen_among_those_trained_longest(table):
    assert best_trial(table)["trial"] == "02"


def test_positions_are_ranks_on_axes_in_order(table):
    placed = positions(table)
    axes = list(dict.fromkeys(placed["hyperparameter"]))
    assert axes == ["optimizer", "learning_rate", "width", "noise", "val_accuracy"]
    noise = placed[placed["hyperparameter"] == "noise"].set_index("trial")["position"]
    assert noise.to_dict() == pytest.approx({"00": 2 / 3, "01": 0, "02": 1 / 3, "03": 1}, abs=1e-3)
    rates = placed[placed["hyperparameter"] == "learning_rate"].set_index("trial")
    assert rates["position"].to_dict() == {"00": 0, "02": 1, "01": 1, "03": 0}
    assert rates["value"]["01"] == "sgd 0.2"


def test_importance_finds_the_column_that_the_accuracy_follows():
    rng = np.random.default_rng(0)
    trials = [
        trial(n, "sgd", rng.uniform(0.1, 1), int(width), rng.uniform(), 0.5 + width / 100)
        for n, width in enumerate(rng.integers(1, 40, 40))
    ]
    found = importance(trial_table(NAMES, trials), seed=0)
    assert found["hyperparameter"][0] == "width"
    assert found["importance"][0] > 10 * found["importance"][1:].max()
    assert set(found["hyperparameter"]) == {"width", "noise", "learning_rate"}, "what varies"


def test_pictures_show_every_axis_and_every_column(table, tmp_path):
    figure = trial_figures.parallel_coordinates(positions(table), "cnn")
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["optimizer", "learning_rate", "width", "noise", "val_accuracy"]
    assert len(figure.axes[0].lines) == len(table)
    write_figure(tmp_path / "a.png", figure, 60)
    rows = importance(table, seed=0)
    bars = trial_figures.importance(rows, "cnn")
    assert [t.get_text() for t in bars.axes[0].get_yticklabels()] == list(rows["hyperparameter"])
    write_figure(tmp_path / "b.png", bars, 60)


@pytest.fixture
def params_file(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text((ROOT / "params.yaml").read_text("utf-8"), "utf-8")
    return path


def patch(tmp_path, **sections):
    write_yaml(tmp_path / "best.yaml", {"models": {"cnn": sections}})
    return str(tmp_path / "best.yaml")


def kept(lines, changed):
    """The document in `lines` without the settings of the cnn that are `changed`."""
    document = YAML(typ="safe").load("\n".join(lines))
    for key in changed:
        section, name = key.split(".")
        del document["models"]["cnn"][section][name]
    return document


def test_the_best_values_are_written_and_nothing_else(tmp_path, params_file, capsys):
    before = params_file.read_text("utf-8").splitlines()
    adam = {"kind": "adam"}
    best = patch(tmp_path, network={"filters": [3, 5]}, fit={"warmup": 0.123, "optimizer": adam})
    apply_best(best, str(params_file))
    model = load_params(params_file).models["cnn"]
    assert model.network.filters == (3, 5)
    assert model.fit.warmup == 0.123
    assert model.fit.optimizer.kind == "adam"
    assert "models.cnn.fit.warmup" in capsys.readouterr().out
    after = params_file.read_text("utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        "      filters: [3, 5]",
        "      warmup: 0.123",
    ]
    changed = {"network.filters", "fit.warmup", "fit.optimizer"}
    assert kept(before, changed) == kept(after, changed)


def test_values_that_are_there_already_leave_the_file_as_it_is(tmp_path, params_file, capsys):
    before = params_file.stat().st_mtime_ns
    kernel = load_params(params_file).models["cnn"].network.kernel_size
    apply_best(patch(tmp_path, network={"kernel_size": kernel}), str(params_file))
    assert params_file.stat().st_mtime_ns == before
    assert "already" in capsys.readouterr().out


def test_values_that_the_pipeline_does_not_know_are_refused(tmp_path, params_file):
    before = params_file.read_bytes()
    with pytest.raises(ParamsError, match="kernel_sise"):
        apply_best(patch(tmp_path, network={"kernel_sise": 3}), str(params_file))
    assert params_file.read_bytes() == before


def test_the_committed_result_is_that_of_the_committed_trials():
    reports = ROOT / "reports" / "tune"
    trials = pd.read_csv(reports / "trials.csv", dtype={"trial": str})
    best = best_trial(trials)
    (model,) = YAML(typ="safe").load(reports / "best.yaml")["models"].values()
    assert model["fit"]["optimizer"]["kind"] == best["optimizer"]
    assert model["fit"]["warmup"] == pytest.approx(best["warmup"])
    assert model["network"]["filters"] == [
        best[f"filters{place}"] for place in range(1, int(best["depth"]) + 1)
    ]
