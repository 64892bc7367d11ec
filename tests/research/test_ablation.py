"""Trials: settings compared on held-out training images."""

import shutil

import numpy as np
import pytest

from fashion.config.loader import check, read
from fashion.io.files import read_csv, write_yaml
from research.ablation import TABLE, TRIALS, Trials, _check
from tests.conftest import ROOT
from tools.checkout import CheckoutError

LISTED = {
    "network": "mlp",
    "held_out": 50,
    "seeds": [0, 1],
    "all": {"fit.epochs": 1},
    "trials": {"plain": {}, "wide": {"network.units": [32]}},
}


def start(project, **changes):
    write_yaml(project.folder / "trials.yaml", LISTED | changes)
    return project.run("python", "-m", "research.ablation", "trials.yaml")


def table(project):
    return read_csv(project.folder / "reports/experiments.csv")


@pytest.mark.slow
def test_trials_are_scored_on_images_that_they_were_not_trained_on(project):
    shutil.rmtree(project.folder / "data/processed")  # and none of the test images is read
    start(project, seeds=[0])
    rows = table(project)
    assert rows.trial.tolist() == ["plain", "wide"]
    assert rows.changes.fillna("").tolist() == ["", "network.units=[32]"]
    runs = project.folder / ".trials"
    labels = np.load(runs / "data/processed/held_out/labels.npy")
    views = np.load(runs / "wide-0/views.npy")
    assert views.shape == (10, len(labels), 5)
    assert rows.accuracy_one_view[1] == (views[0].argmax(axis=1) == labels).mean()
    counts = {
        part: len(np.load(runs / f"data/processed/{part}/labels.npy"))
        for part in ("train", "validation", "held_out")
    }
    assert counts == {"train": 150, "validation": 5, "held_out": 50}


@pytest.mark.slow
def test_what_the_table_holds_is_not_run_again(project):
    start(project, trials={"plain": {}}, seeds=[0])
    shutil.rmtree(project.folder / ".trials/plain-0")
    start(project, trials={"plain": {}})
    assert table(project).seed.tolist() == [0, 1]
    assert not (project.folder / ".trials/plain-0").exists()


@pytest.mark.slow
def test_other_held_out_images_are_those_of_the_next_trial(project):
    start(project, trials={"plain": {}}, seeds=[0])
    start(project, trials={"plain": {}}, seeds=[1], held_out=60)
    assert np.load(project.folder / ".trials/plain-0/views.npy").shape[1] == 50
    assert np.load(project.folder / ".trials/plain-1/views.npy").shape[1] == 60


@pytest.mark.slow
def test_a_trial_that_fails_has_a_row_with_the_reason_and_the_next_one_runs(project):
    trials = {"diverged": {"fit.learning_rate": 1e30}, "plain": {}}
    start(project, trials=trials, seeds=[0])
    rows = table(project)
    assert "lower fit.learning_rate" in rows.failed[0]
    assert rows.accuracy_ten_views.notna().tolist() == [False, True]
    lines = (project.folder / "reports/experiments.csv").read_text().splitlines()
    assert lines[2].startswith("plain,0,,,1,")  # still a whole number of epochs


@pytest.mark.slow
def test_a_misspelt_setting_is_refused_before_anything_runs(project):
    with pytest.raises(CheckoutError, match=r"trials.wide.netwrok"):
        start(project, trials={"plain": {}, "wide": {"netwrok.units": [32]}})
    assert not (project.folder / ".trials").exists()


def test_the_committed_trials_suit_the_network(monkeypatch):
    monkeypatch.chdir(ROOT)
    listed = check(Trials, read(TRIALS), TRIALS, "trials")
    _check(listed, TRIALS)


def test_the_committed_table_has_a_row_for_each_training():
    rows = read_csv(ROOT / TABLE)
    assert not rows.duplicated(["trial", "seed"]).any()
