"""Accuracy against computation."""

import numpy as np
import pandas as pd
import pytest

from fashion.files import read_csv, write_yaml
from tests.conftest import ROOT
from tools import computation
from tools.computation import FOLDER, MARKERS, draw, majority


def published():
    return read_csv(ROOT / FOLDER / "published.csv", ["result", "source", "doubt"])


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


@pytest.mark.slow
def test_the_networks_of_a_project_are_counted_and_scored(reproduced, tmp_path):
    code = (
        "from tools.computation import *; params = Params.load();"
        "print(computation(params.models['mlp']) * PFLOP)"
    )
    done = reproduced.run("python", "-c", code)
    multiplications = 400 * 16 + 16 * 5
    images = 2 * (150 // 16) * 16
    assert float(done.stdout) == pytest.approx(2 * (3 * multiplications - 400 * 16) * images)


def test_epochs_of_smaller_images_are_counted_at_their_size(small_params, monkeypatch):
    settings = small_params.models["cnn"].changed({"fit.epochs": 4, "fit.selection.fraction": 1.0})

    def pflop(height, width, resizing=None):
        data = {"images": np.zeros((99, height, width), np.uint8), "labels": np.arange(99) % 5}
        monkeypatch.setattr(computation, "_data", lambda _, kind: data[kind])
        return computation.computation(settings.changed({"fit.progressive_resizing": resizing}))

    resized = pflop(20, 30, {"scale": 0.5, "fraction": 0.25})
    assert resized == pytest.approx(0.25 * pflop(10, 15) + 0.75 * pflop(20, 30))


def test_other_data_are_not_drawn_among_results_on_fashion_mnist(
    small_document, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "params.yaml", small_document)
    computation.main()
    assert "published results are not of these data" in capsys.readouterr().out
    assert not FOLDER.exists()
