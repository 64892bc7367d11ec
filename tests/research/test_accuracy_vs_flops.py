"""Test error against computation: rows of our networks, and the figure."""

import numpy as np
import pytest
from PIL import Image

from fashion.io.files import read_csv, read_json, write_figure, write_yaml
from fashion.io.labeled_images import LabeledImages
from research import accuracy_vs_flops
from research.accuracy_vs_flops import BENCHMARKS, FOLDER, draw, training_pflop
from tests.conftest import ROOT

CAVEATS = ["result", "source", "caveat"]


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def blank(height=20, width=20):
    return LabeledImages(np.zeros((150, height, width), np.uint8), np.arange(150) % 5)


@pytest.mark.usefixtures("fashion_mnist")
def test_the_committed_figure_is_drawn_from_the_committed_tables(tmp_path, committed_params):
    ours = read_csv(ROOT / FOLDER / "ours.csv", ["result", "views"])
    published = read_csv(ROOT / FOLDER / "published.csv", CAVEATS)
    step = read_json(ROOT / BENCHMARKS / "step.json")
    figure = draw(ours, published, step["avx2"]["gflops"]["median"], step["machine"]["cpu"])
    write_figure(tmp_path / "accuracy.png", figure, committed_params.plot.dpi)
    found, committed = pixels(tmp_path / "accuracy.png"), pixels(ROOT / FOLDER / "accuracy.png")
    np.testing.assert_array_equal(found, committed, "run `python -m research.accuracy_vs_flops`")


def test_the_operations_of_a_training_are_those_counted_by_hand(small_params):
    """Two per multiplication, forward and twice backward (once in the first layer)."""
    multiplications = 400 * 16 + 16 * 5
    images = 2 * (150 // 16) * 16
    expected = 2 * (3 * multiplications - 400 * 16) * images
    found = training_pflop(small_params.models["mlp"], blank())
    assert found == pytest.approx(expected / 1e15)


def test_other_data_are_not_drawn_among_results_on_fashion_mnist(
    small_document, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    write_yaml(tmp_path / "params.yaml", small_document)
    accuracy_vs_flops.main()
    assert not FOLDER.exists()
