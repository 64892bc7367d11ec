"""That benchmarks measure what they say; how fast anything is, is not tested."""

import json
from itertools import pairwise

import keras
import numpy as np
import pytest

from benchmarks import seeds
from benchmarks.growth import repeat
from benchmarks.memory import BUDGET_MB, BudgetError, check
from benchmarks.report import read_figures, seed_rows, step_rows, summary
from benchmarks.runs import Line, RunError, run, workspace
from benchmarks.seeds import are_current, settings
from benchmarks.step import training_flops
from benchmarks.summary import prediction_interval, spread
from benchmarks.training import EPOCH, TARGETS, seconds_to, summarize
from fashion.idx import open_idx
from fashion.networks import build
from fashion.params import load_params
from tests.conftest import ROOT


def test_a_workspace_has_the_data_and_the_changed_parameters():
    with workspace({"train.seed": 7, "models.mlp.fit.epochs": 1}) as folder:
        params = load_params(folder / "params.yaml")
        assert (folder / "data").resolve() == ROOT / "data"
    assert (params.train.seed, params.model("mlp").fit.epochs) == (7, 1)
    assert not folder.exists()


def test_a_run_is_timed_line_by_line_and_its_memory_is_seen(tmp_path):
    (tmp_path / "grow.py").write_text(
        "import time; print('one', flush=True); time.sleep(0.3)\n"
        "held = b'x' * 200_000_000; time.sleep(0.3); print('two')\n"
    )
    measured = run("grow", folder=tmp_path)
    assert [line.text for line in measured.lines] == ["one", "two"]
    assert measured.lines[1].seconds - measured.lines[0].seconds >= 0.6
    assert measured.seconds >= measured.lines[1].seconds
    assert 200 < measured.peak_mb < 300


def test_a_run_that_fails_says_what_it_printed(tmp_path):
    (tmp_path / "broken.py").write_text("raise SystemExit('no such luck')")
    with pytest.raises(RunError, match=r"broken failed with 1:\nno such luck"):
        run("broken", folder=tmp_path)


def test_the_time_to_an_accuracy_is_that_of_the_first_epoch_that_has_it():
    report = "108/108 - 27s - accuracy: 0.9 - val_accuracy: {} - val_loss: 0.6"
    lines = [Line(5.0 * n, report.format(v)) for n, v in enumerate((0.5, 0.941, 0.93, 0.945))]
    assert seconds_to(0.94, [Line(1.0, "Epoch 1/4"), *lines]) == 5.0
    assert seconds_to(0.95, lines) is None


def test_keras_still_prints_the_accuracy_that_is_looked_for(capsys):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["accuracy"])
    data = (np.zeros((4, 1)), np.zeros((4, 1)))
    model.fit(*data, verbose=2, validation_data=data)
    assert EPOCH.search(capsys.readouterr().out)


def test_seeds_that_did_not_reach_a_target_do_not_count_among_its_times():
    rows = [{"seed": 0, "accuracy": 0.9, "time": None}, {"seed": 1, "accuracy": 1.0, "time": 3.0}]
    summary = summarize(rows)
    assert summary["accuracy"]["n"] == 2
    assert (summary["time"]["n"], summary["time"]["median"]) == (1, 3.0)
    assert all(high > low for low, high in pairwise(TARGETS))


def test_a_spread_of_known_numbers():
    assert spread([1.0, 2.0, 6.0]) == {
        "n": 3, "median": 2.0, "mean": 3.0, "sd": 2.64575, "min": 1.0, "max": 6.0,
    }  # fmt: skip
    assert spread([4.0])["sd"] == 0.0


def test_the_operations_of_a_small_network_are_those_counted_by_hand(small_params):
    network = small_params.model("cnn").network.model_copy(update={"filters": (2, 3)})
    stem, enter, branch, dense = 8 * 8 * 9 * 2, 8 * 8 * 9 * 2 * 3, 4 * 4 * 9 * 3 * 3, 3 * 5
    backward_to_images = stem
    expected = 2 * (3 * (stem + enter + 2 * branch + dense) - backward_to_images)
    assert training_flops(build(network, (8, 8), 5)) == expected


def test_repeated_data_is_the_training_data_over_and_over(idx_folder, tmp_path):
    repeat(idx_folder, tmp_path / "raw", 3)
    for name, times in (("train", 3), ("t10k", 1)):
        for kind in ("images-idx3", "labels-idx1"):
            dimensions = int(kind[-1])
            once, again = (
                np.concatenate([*open_idx(folder / f"{name}-{kind}-ubyte", dimensions).chunks(64)])
                for folder in (idx_folder, tmp_path / "raw")
            )
            np.testing.assert_array_equal(again, np.concatenate([once] * times))


FIGURES = read_figures(ROOT / "reports" / "benchmarks", load_params(ROOT / "params.yaml"))


def test_figures_of_other_settings_are_called_so():
    def said(earlier):
        rows = [row["measured"] for row in summary({**FIGURES, "earlier": earlier})]
        return [line for line in rows if "(of other settings, code or machine)" in line]

    assert said(set()) == []
    assert [line.split()[0] for line in said({"cnn"})] == ["`cnn`"]
    assert said({"training"})[0].endswith("training")


def changed_params(params, section, **values):
    return params.model_copy(update={section: getattr(params, section).model_copy(update=values)})


def test_settings_are_those_that_scores_depend_on(committed_params):
    same = changed_params(committed_params, "plot", dpi=50)
    same = changed_params(same, "train", seed=99)
    assert settings(committed_params, "cnn") == settings(same, "cnn")
    for other in (
        changed_params(committed_params, "train", threads=1),
        changed_params(committed_params, "preprocess", validation_images=7),
        changed_params(committed_params, "evaluate", views={"mlp": "flip", "cnn": "flip"}),
    ):
        assert settings(committed_params, "cnn") != settings(other, "cnn")


def test_statistics_are_current_if_the_results_beside_them_are_one_of_theirs(committed_params):
    params = changed_params(committed_params, "train", seed=1)
    scores = dict.fromkeys(seeds.SCORES, 0.5)
    runs = [{"seed": 0, **dict.fromkeys(seeds.SCORES, 0.4)}, {"seed": 1, **scores}]
    content = {"networks": {"mlp": {"settings": settings(params, "mlp"), "runs": runs}}}
    assert are_current(content, params, "mlp", scores)
    assert not are_current(content, params, "mlp", scores | {"loss": 0.50001})
    assert not are_current(content, changed_params(params, "train", threads=1), "mlp", scores)
    assert not are_current(content, params, "cnn", scores)


def test_an_interval_of_known_numbers():
    """Student's quantile for 97.5 % and 4 degrees of freedom is 2.776 in any table."""
    low, high = prediction_interval([1.0, 2.0, 3.0, 4.0, 5.0], 0.95)
    half = 2.7764 * 2.5**0.5 * 1.2**0.5
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=1e-3)


def test_intervals_hold_one_more_value_as_often_as_they_say():
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(2000, 6))
    ends = [prediction_interval(list(values[:5]), 0.9) for values in samples]
    inside = [low <= values[5] <= high for (low, high), values in zip(ends, samples, strict=True)]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)


def test_seeds_are_trained_through_dvc_and_summed_up(project, committed_params):
    report = project.folder / "seeds.json"
    seeds.main(str(report), range(2), project.folder)
    content = json.loads(report.read_text())
    committed = json.loads((project.folder / "reports/mlp/metrics.json").read_text())
    mlp, cnn = (content["networks"][network] for network in ("mlp", "cnn"))
    assert {score: committed[score] for score in seeds.SCORES} == {
        score: value for score, value in mlp["runs"][0].items() if score != "seed"
    }
    assert mlp["runs"][0]["loss"] != mlp["runs"][1]["loss"]
    assert cnn["accuracy"]["n"] == 2
    low, high = mlp["loss"]["interval"]
    assert low < mlp["loss"]["mean"] < high
    assert project.git("status", "--porcelain") == "?? seeds.json\n"
    assert project.run("dvc", "exp", "list", "--name-only").stdout.strip() == ""


def test_a_stage_over_its_budget_is_named():
    stages = [{"stage": "plot@mlp", "peak_mb": 9, "budget_mb": 9}]
    check(stages)
    with pytest.raises(BudgetError, match="train@cnn"):
        check([*stages, {"stage": "train@cnn", "peak_mb": 10, "budget_mb": 9}])


def test_every_stage_has_a_budget_and_the_figures_are_within_it():
    assert list(BUDGET_MB) == ["download", "preprocess", "train", "evaluate", "plot"]
    for row in FIGURES["memory"]["stages"]:
        assert row["budget_mb"] == BUDGET_MB[row["stage"].partition("@")[0]]
    check(FIGURES["memory"]["stages"])


def test_a_benchmark_that_was_not_installed_leaves_no_row():
    rows = step_rows({key: value for key, value in FIGURES["step"].items() if key != "torch"})
    assert [row["training"] for row in rows] == [
        "this pipeline",
        "Keras' own layers and `fit`",
        "products of matrices",
    ]


def test_every_seed_has_its_row_with_mean_deviation_and_interval_below():
    for network, scores in FIGURES["seeds"]["networks"].items():
        rows = seed_rows(scores)
        assert [row["seed"] for row in rows] == ["0", "1", "2", "3", "4", "mean", "sd", "interval"]
        accuracies = [float(row["accuracy"]) for row in rows[:5]]
        assert float(rows[5]["accuracy"]) == pytest.approx(np.mean(accuracies), abs=1e-5), network
        assert float(rows[6]["accuracy"]) == pytest.approx(np.std(accuracies, ddof=1), abs=1e-5)
        low, high = map(float, rows[7]["accuracy"].split(" to "))
        assert low < min(accuracies) < max(accuracies) < high
    assert seed_rows(FIGURES["training"])[-1]["seed"] == "sd"
