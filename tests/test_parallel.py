"""Experiments in several processes at once, and storage that machines share."""

import time

import pytest

from tools.checkout import UP_TO_DATE, Checkout

pytestmark = pytest.mark.slow
MINUTES = 4


def test_queued_experiments_run_two_at_a_time(project):
    for units in (4, 6):
        change = f"models.mlp.network.units=[{units}]"
        project.run("dvc", "exp", "run", "--queue", "-S", change, "train@mlp")
    workers = project.start("dvc", "queue", "start", "-j", "2")
    both_at_once = []

    def ended():
        printed = project.run("dvc", "queue", "status").stdout
        both_at_once.append(printed.count("Running") == 2)
        return printed.count("Success") == 2 or "Failed" in printed

    deadline = time.monotonic() + 60 * MINUTES
    while not ended():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    project.run("dvc", "queue", "stop", "--kill")
    workers.communicate(timeout=60 * MINUTES)
    shown = project.run("dvc", "exp", "show", "--csv").stdout
    assert shown.count("[4]") == 1
    assert shown.count("[6]") == 1
    assert "Failed" not in project.run("dvc", "queue", "status").stdout
    assert any(both_at_once)
    assert UP_TO_DATE in project.run("dvc", "repro").stdout, "the workspace is unchanged"
    assert project.git("status", "--porcelain") == ""


def test_pulled_results_need_no_training(project, tmp_path):
    project.run("dvc", "remote", "add", "--default", "team", str(tmp_path / "storage"))
    project.git("commit", "--quiet", "--all", "--message=A remote")
    project.run("dvc", "push", "--run-cache")
    clone = Checkout.clone(project.folder, tmp_path / "clone")
    assert clone.stages_run("--pull") == []
    assert UP_TO_DATE in clone.run("dvc", "repro").stdout
    assert (clone.folder / "models/mlp.keras").read_bytes() == (
        project.folder / "models/mlp.keras"
    ).read_bytes()
