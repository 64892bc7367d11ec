"""Settings compared on held-out training images."""

import shutil

import numpy as np
import pytest

from fashion.io.files import read_csv, write_yaml
from research.ablation import ABLATIONS, TABLE, load
from tests.conftest import ROOT

CONFIG = {
    "network": "mlp",
    "held_out": 50,
    "seeds": [0],
    "all": {"fit.epochs": 1},
    "trials": {"plain": {}},
}


def start(project, **changes):
    write_yaml(project.folder / "ablations.yaml", CONFIG | changes)
    return project.run("python", "-m", "research.ablation", "ablations.yaml")


def read_table(project):
    return read_csv(project.folder / TABLE)


def count(project, split):
    return len(np.load(project.folder / f".trials/data/processed/{split}/labels.npy"))


@pytest.mark.slow
def test_trials_are_evaluated_on_images_that_they_were_not_trained_on(project):
    shutil.rmtree(project.folder / "data/processed")  # which holds the test images
    start(project, trials={"plain": {}, "wide": {"network.units": [32]}})
    rows = read_table(project)
    assert rows.trial.tolist() == ["plain", "wide"]
    assert rows.changes.fillna("").tolist() == ["", "network.units=[32]"]
    assert rows.accuracy_ten_views.between(0, 1).all()
    counts = [count(project, split) for split in ("train", "validation", "held_out")]
    assert counts == [150, 5, 50]


@pytest.mark.slow
def test_rows_of_the_table_are_not_run_again_and_held_out_images_may_change(project):
    start(project)
    shutil.rmtree(project.folder / ".trials/plain-0")
    start(project, seeds=[0, 1], held_out=60)
    assert read_table(project).seed.tolist() == [0, 1]
    assert not (project.folder / ".trials/plain-0").exists()
    assert count(project, "held_out") == 60


@pytest.mark.usefixtures("fashion_mnist")
def test_the_committed_trials_suit_the_network(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert load(ABLATIONS).trials
