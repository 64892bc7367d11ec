"""Test error against computation: rows of our networks, and the figure."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fashion.io.files import read_csv, read_json, write_figure, write_json, write_yaml
from fashion.io.labeled_images import LabeledImages
from research import accuracy_vs_flops
from research.accuracy_vs_flops import BENCHMARKS, FOLDER, MARKERS, draw, training_pflop
from tests.conftest import ROOT

CAVEATS = ["result", "source", "caveat"]


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def blank(height=20, width=20):
    return LabeledImages(np.zeros((150, height, width), np.uint8), np.arange(150) % 5)


def test_the_committed_figure_is_drawn_from_the_committed_tables(tmp_path, committed_params):
    ours = read_csv(ROOT / FOLDER / "ours.csv", ["result", "views"])
    published = read_csv(ROOT / FOLDER / "published.csv", CAVEATS)
    step = read_json(ROOT / BENCHMARKS / "step.json")
    figure = draw(ours, published, step["pipeline"]["gflops"]["median"], step["machine"]["cpu"])
    write_figure(tmp_path / "accuracy.png", figure, committed_params.plot.dpi)
    found, committed = pixels(tmp_path / "accuracy.png"), pixels(ROOT / FOLDER / "accuracy.png")
    np.testing.assert_array_equal(found, committed, "run `python -m research.accuracy_vs_flops`")


def test_the_figure_names_every_result_and_every_caveat():
    ours = read_csv(ROOT / FOLDER / "ours.csv", ["result", "views"])
    published = read_csv(ROOT / FOLDER / "published.csv", CAVEATS)
    figure = draw(ours, published, 200.0, "a processor")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    for row in published.to_dict("records"):
        caveat = f" ({row['caveat']})" if isinstance(row["caveat"], str) else ""
        assert f"{row['result']}{caveat}" in labels
    color_of = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert color_of.keys() == set(ours["result"])
    upper = ours.sort_values("accuracy").groupby("result").first()
    assert color_of == {name: MARKERS[row.views][1] for name, row in upper.iterrows()}
    (above,) = figure.axes[0].child_axes
    assert above.get_xlabel() == "seconds on two cores, at 200 GFLOP/s (a processor)"
    to_seconds, to_pflop = above._functions
    assert to_seconds(1) == pytest.approx(1e15 / 200e9)
    assert to_pflop(to_seconds(3)) == pytest.approx(3)


def test_the_operations_of_a_training_are_those_counted_by_hand(small_params):
    """Two per multiplication, forward and twice backward (once in the first layer)."""
    multiplications = 400 * 16 + 16 * 5
    images = 2 * (150 // 16) * 16
    expected = 2 * (3 * multiplications - 400 * 16) * images
    found = training_pflop(small_params.models["mlp"], blank())
    assert found == pytest.approx(expected / 1e15)


def test_epochs_of_smaller_images_are_counted_at_their_size(small_params):
    settings = small_params.models["cnn"].with_values(
        {"fit.epochs": 4, "fit.selection.fraction": 1.0}
    )

    def pflop(height, width, resizing=None):
        model = settings.with_values({"fit.progressive_resizing": resizing})
        return training_pflop(model, blank(height, width))

    resized = pflop(20, 30, {"scale": 0.5, "fraction": 0.25})
    assert resized == pytest.approx(0.25 * pflop(10, 15) + 0.75 * pflop(20, 30))


@pytest.fixture
def evaluate(monkeypatch, tmp_path):
    """A function that sets the scores of a network, its statistics and its votes."""

    def evaluate(network, scores, statistics=(), votes=0):
        write_json(tmp_path / "reports" / network / "metrics.json", scores)
        table = pd.DataFrame({f"seed_{seed}": [0, 0, 1, seed] for seed in range(votes)})
        monkeypatch.setattr(accuracy_vs_flops, "seed_statistics", lambda *_: dict(statistics))
        monkeypatch.setattr(accuracy_vs_flops, "seed_predictions", lambda *_: table)

    monkeypatch.chdir(tmp_path)
    labels = LabeledImages(np.zeros(4), np.array([0, 0, 0, 9]))
    monkeypatch.setattr(accuracy_vs_flops, "load_split", lambda *_: labels)
    monkeypatch.setattr(accuracy_vs_flops, "training_pflop", lambda *_: 0.25)
    return evaluate


STATISTICS = {"mean": 0.875, "sd": 0.125, "n": 2}
ONE = {"result": "mlp", "views": "one view", "pflop": 0.25, "accuracy": 0.5, "sd": None, "n": 1}
SEEDS = ONE | {"accuracy": 0.875, "sd": 0.125, "n": 2}
VOTE = ONE | {"result": "3 x mlp", "pflop": 0.75, "accuracy": 0.5}


@pytest.mark.parametrize(
    ("statistics", "votes", "rows"),
    [
        ({}, 0, [ONE]),
        ({"accuracy": STATISTICS}, 2, [SEEDS]),
        ({"accuracy": STATISTICS}, 3, [SEEDS, VOTE]),
    ],
)
def test_a_network_has_its_statistics_and_the_vote_of_three_seeds(
    evaluate, small_params, statistics, votes, rows
):
    assert accuracy_vs_flops.network_rows("mlp", small_params) == []
    evaluate("mlp", {"accuracy": 0.5}, statistics, votes)
    assert accuracy_vs_flops.network_rows("mlp", small_params) == rows


def test_averaged_views_have_their_own_row_and_the_vote_is_of_averaged_views(
    evaluate, small_params
):
    evaluate("cnn", {"accuracy": 0.75, "accuracy_without_tta": 0.5}, votes=3)
    rows = pd.DataFrame(accuracy_vs_flops.network_rows("cnn", small_params))
    assert rows["result"].tolist() == ["cnn", "cnn", "3 x cnn"]
    assert rows["views"].tolist() == ["averaged views", "one view", "averaged views"]
    assert rows["accuracy"].tolist() == [0.75, 0.5, 0.5]


def test_other_data_are_not_drawn_among_results_on_fashion_mnist(
    small_document, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "params.yaml", small_document)
    accuracy_vs_flops.main()
    assert not FOLDER.exists()


@pytest.mark.slow
def test_the_committed_networks_have_rows(reproduced):
    code = (
        "from fashion.config.params import Params; from research.accuracy_vs_flops import *;"
        "print([row['result'] for row in network_rows('cnn', Params.load())])"
    )
    done = reproduced.run("python", "-c", code)
    assert done.stdout == "['cnn', 'cnn']\n"
