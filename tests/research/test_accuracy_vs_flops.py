"""Accuracy against accuracy_vs_flops."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fashion.io.files import read_csv, read_json, write_figure, write_json, write_yaml
from research import accuracy_vs_flops
from research.accuracy_vs_flops import BENCHMARKS, FOLDER, MARKERS, draw, majority
from tests.conftest import ROOT


def published():
    return read_csv(ROOT / FOLDER / "published.csv", ["result", "source", "doubt"])


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_committed_figure_is_drawn_from_the_committed_tables(tmp_path, committed_params):
    ours = read_csv(ROOT / FOLDER / "ours.csv", ["result", "views"])
    step = read_json(ROOT / BENCHMARKS / "step.json")
    rate, cpu = step["pipeline"]["gflops"]["median"], step["machine"]["cpu"]
    figure = draw(ours, published(), rate, cpu)
    write_figure(tmp_path / "accuracy.png", figure, committed_params.plot.dpi)
    committed = pixels(ROOT / FOLDER / "accuracy.png")
    np.testing.assert_array_equal(
        pixels(tmp_path / "accuracy.png"), committed, "run `python -m research.accuracy_vs_flops`"
    )


def test_every_result_is_named_in_the_figure_and_doubts_are_said():
    ours = read_csv(ROOT / FOLDER / "ours.csv", ["result", "views"])
    figure = draw(ours, published(), 200.0, "a processor")
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    for row in published().to_dict("records"):
        doubt = f" ({row['doubt']})" if isinstance(row["doubt"], str) else ""
        assert f"{row['result']}{doubt}" in labels
    assert {f"ours, {views}" for views in ours["views"]} < set(labels)
    named = [(text.get_text(), text.get_color()) for text in figure.axes[0].texts]
    once: dict[str, str] = {}  # at its first marker
    for views, (_, color) in MARKERS.items():
        for name in ours.loc[ours["views"] == views, "result"]:
            once.setdefault(name, color)
    assert sorted(named) == sorted(once.items())


def test_the_upper_axis_tells_seconds_at_the_rate_given():
    ours = pd.DataFrame(
        [{"result": "a", "views": "one view", "pflop": 1, "accuracy": 0.9, "sd": 0}]
    )
    figure = draw(ours, published(), 200.0, "a processor")
    (upper,) = figure.axes[0].child_axes
    assert upper.get_xlabel() == "seconds on two cores, at 200 GFLOP/s (a processor)"
    to_seconds, to_pflop = upper._functions
    assert to_seconds(1) == pytest.approx(1e15 / 200e9)
    assert to_pflop(to_seconds(3)) == pytest.approx(3)


def test_published_results_are_whole():
    table = published()
    assert (table["lowest"] <= table["highest"]).all()
    assert table["lowest"].between(0.9, 1).all()
    assert (table["pflop"] > 0).all()
    assert table["source"].str.contains("/").all()


def test_seeds_vote_and_a_tie_goes_to_the_lowest_label():
    seeds = pd.DataFrame({"seed_0": [1, 2, 7], "seed_1": [3, 2, 5], "seed_2": [3, 4, 6]})
    assert majority(seeds, np.array([3, 4, 5])) == pytest.approx(2 / 3)


@pytest.fixture
def data(monkeypatch):
    """A function that replaces the training data by 150 blank images of five classes."""

    def use(height=20, width=20):
        images = np.zeros((150, height, width), np.uint8)
        found = {"images": images, "labels": np.arange(150) % 5}
        monkeypatch.setattr(accuracy_vs_flops, "_data", lambda part, kind: found[kind])

    use()
    return use


def test_the_operations_of_a_training_are_those_counted_by_hand(small_params, data):
    """Two operations per multiplication, forward and twice backward (once in the first layer)."""
    multiplications = 400 * 16 + 16 * 5
    images = 2 * (150 // 16) * 16
    expected = 2 * (3 * multiplications - 400 * 16) * images
    assert accuracy_vs_flops.training_pflop(small_params.models["mlp"]) == pytest.approx(
        expected / 1e15
    )


@pytest.fixture
def evaluated(monkeypatch, tmp_path):
    """A function that writes the scores of a network and sets its statistics and votes."""

    def write(network, scores, statistics=(), votes=0):
        write_json(tmp_path / "reports" / network / "metrics.json", scores)
        table = pd.DataFrame({f"seed_{seed}": [0, 0, 1, seed] for seed in range(votes)})
        monkeypatch.setattr(accuracy_vs_flops, "current", lambda params, name: dict(statistics))
        monkeypatch.setattr(accuracy_vs_flops, "predictions", lambda name, params: table)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(accuracy_vs_flops, "_data", lambda part, kind: np.array([0, 0, 0, 9]))
    monkeypatch.setattr(accuracy_vs_flops, "training_pflop", lambda model: 0.25)
    return write


ONE_VIEW = {"result": "mlp", "views": "one view", "pflop": 0.25}
SD = {"accuracy": {"mean": 0.875, "sd": 0.125, "n": 2}}


def test_a_network_that_was_not_evaluated_has_no_row(evaluated, small_params):
    assert accuracy_vs_flops._rows("mlp", small_params) == []


@pytest.mark.parametrize(
    ("statistics", "votes", "expected"),
    [
        ({}, 0, [{"accuracy": 0.5, "sd": None, "n": 1}]),
        (SD, 2, [{"accuracy": 0.875, "sd": 0.125, "n": 2}]),
        (
            SD,
            3,
            [
                {"accuracy": 0.875, "sd": 0.125, "n": 2},
                {"result": "3 x mlp", "pflop": 0.75, "accuracy": 0.5, "sd": None, "n": 1},
            ],
        ),
    ],
)
def test_a_network_has_its_statistics_and_the_vote_of_three_seeds(
    evaluated, small_params, statistics, votes, expected
):
    evaluated("mlp", {"accuracy": 0.5}, statistics, votes)
    assert accuracy_vs_flops._rows("mlp", small_params) == [ONE_VIEW | row for row in expected]


def test_averaged_views_have_their_own_row_and_the_vote_counts_as_averaged(evaluated, small_params):
    evaluated("cnn", {"accuracy": 0.75, "accuracy_without_tta": 0.5}, votes=3)
    rows = pd.DataFrame(accuracy_vs_flops._rows("cnn", small_params))
    assert rows["result"].tolist() == ["cnn", "cnn", "3 x cnn"]
    assert rows["views"].tolist() == ["averaged views", "one view", "averaged views"]
    assert rows["accuracy"].tolist() == [0.75, 0.5, 0.5]


def test_the_operations_of_the_plain_script_are_those_counted_by_hand(monkeypatch, tmp_path):
    """784-128-10 for 20 epochs, of four images."""
    monkeypatch.setattr(accuracy_vs_flops, "BENCHMARKS", tmp_path)
    monkeypatch.setattr(accuracy_vs_flops, "_data", lambda part, kind: np.zeros(4))
    write_json(tmp_path / "baseline.json", {accuracy_vs_flops.PLAIN: SD})
    operations = 2 * (3 * (784 * 128 + 128 * 10) - 784 * 128) * 20 * 4
    row = {"result": "plain script", "pflop": operations / 1e15}
    assert accuracy_vs_flops._plain() == [
        ONE_VIEW | row | {"accuracy": 0.875, "sd": 0.125, "n": 2},
    ]


def test_all_results_are_written_and_drawn(
    small_document, small_params, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "params.yaml", small_document)
    for name in (FOLDER / "published.csv", BENCHMARKS / "step.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(accuracy_vs_flops, "is_fashion_mnist", lambda params: True)

    def row(name):
        return {"result": name, "views": "one view", "pflop": 0.5, "accuracy": 0.5, "sd": 0.25}

    monkeypatch.setattr(accuracy_vs_flops, "_rows", lambda name, params: [row(name)])
    monkeypatch.setattr(accuracy_vs_flops, "_plain", lambda: [row("plain")])
    accuracy_vs_flops.main()
    ours = read_csv(FOLDER / "ours.csv")
    assert ours["result"].tolist() == ["plain", "mlp", "cnn"]
    assert ours.drop(columns="result").drop_duplicates().to_dict("records") == [
        {"views": "one view", "pflop": 0.5, "accuracy": 0.5, "sd": 0.25}
    ]
    assert pixels(FOLDER / "accuracy.png").shape[1] == pytest.approx(8.4 * 60, abs=1)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == [*ours]
    assert printed[1].split()[0] == "plain"


@pytest.mark.slow
def test_the_networks_of_a_project_are_counted_and_scored(reproduced, tmp_path):
    code = (
        "from research.accuracy_vs_flops import *; params = Params.load();"
        "print(training_pflop(params.models['mlp']) * PFLOP)"
    )
    done = reproduced.run("python", "-c", code)
    multiplications = 400 * 16 + 16 * 5
    images = 2 * (150 // 16) * 16
    assert float(done.stdout) == pytest.approx(2 * (3 * multiplications - 400 * 16) * images)


def test_epochs_of_smaller_images_are_counted_at_their_size(small_params, data):
    settings = small_params.models["cnn"].changed({"fit.epochs": 4, "fit.selection.fraction": 1.0})

    def pflop(height, width, resizing=None):
        data(height, width)
        return accuracy_vs_flops.training_pflop(
            settings.changed({"fit.progressive_resizing": resizing})
        )

    resized = pflop(20, 30, {"scale": 0.5, "fraction": 0.25})
    assert resized == pytest.approx(0.25 * pflop(10, 15) + 0.75 * pflop(20, 30))


def test_other_data_are_not_drawn_among_results_on_fashion_mnist(
    small_document, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "params.yaml", small_document)
    accuracy_vs_flops.main()
    assert "published results are not of these data" in capsys.readouterr().out
    assert not FOLDER.exists()
