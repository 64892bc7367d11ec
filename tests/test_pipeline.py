"""The whole pipeline on a small data set, in a repository of its own."""

import json
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks.checkout import UP_TO_DATE, Checkout
from fashion.dataset import CLASS_NAMES
from fashion.params import load_params
from stages.plot import _confident_mistakes, _examples, _history
from tests.conftest import ROOT, change_params

NETWORKS = list(load_params(ROOT / "params.yaml").models)
ALL_RUNS = ["download", "preprocess"] + [
    f"{stage}@{network}" for stage in ("train", "evaluate", "plot") for network in NETWORKS
]


@pytest.fixture
def clone(reproduced, tmp_path):
    """A fresh clone: what Git holds, and an empty cache."""
    return Checkout.clone(reproduced.folder, tmp_path / "clone", "main")


def test_every_stage_of_every_network_was_run(reproduced):
    assert sorted(reproduced.lock()) == sorted(ALL_RUNS)


def test_changing_nothing_reruns_nothing(project):
    assert UP_TO_DATE in project.run("dvc", "repro").stdout
    assert project.git("status", "--porcelain") == ""


def test_changing_a_networks_dropout_reruns_that_network_alone(project):
    def change(document):
        document["models"]["mlp"]["network"]["dropout"] = 0.5

    change_params(project, change)
    assert project.stages_run() == ["train@mlp", "evaluate@mlp", "plot@mlp"]


def test_touching_a_figure_function_reruns_the_plots_alone(project):
    with (project.folder / "fashion/figures.py").open("a") as stream:
        stream.write("\n# a remark\n")
    assert sorted(project.stages_run()) == sorted(f"plot@{network}" for network in NETWORKS)
    assert project.git("status", "--porcelain", "reports") == ""


def test_changing_how_models_are_judged_trains_nothing(project):
    def change(document):
        document["evaluate"]["calibration_bins"] = 5

    change_params(project, change)
    runs = project.stages_run()
    assert {run.partition("@")[0] for run in runs} == {"evaluate", "plot"}


def test_metrics_and_plots_of_a_branch_compare_in_a_clone_without_a_cache(
    clone, project, small_params
):
    def change(document):
        document["models"]["mlp"]["fit"]["learning_rate"] = 0.001

    before = small_params.model("mlp").fit.learning_rate
    project.git("switch", "--quiet", "--create", "slower")
    change_params(project, change)
    project.stages_run()
    project.git("commit", "--quiet", "--all", "--message=Slower")
    clone.git("fetch", "--quiet", str(project.folder), "slower:slower")
    clone.git("switch", "--quiet", "slower")
    assert not (clone.folder / ".dvc/cache").exists()
    metrics = json.loads(clone.run("dvc", "metrics", "diff", "main", "--json").stdout)
    loss = metrics["reports/mlp/metrics.json"]["loss"]
    assert loss["new"] != loss["old"]
    assert not any("cnn" in path for path in metrics)
    params = json.loads(clone.run("dvc", "params", "diff", "main", "--json").stdout)
    rate = params["params.yaml"]["models.mlp.fit.learning_rate"]
    assert (rate["old"], rate["new"]) == (before, 0.001)
    page = clone.run("dvc", "plots", "diff", "main").stdout
    assert "index.html" in page


def test_plots_show_draws_the_curves_and_the_confusion(clone):
    shutil.copytree(ROOT / "reports" / "tune", clone.folder / "reports" / "tune")
    shown = json.loads(clone.run("dvc", "plots", "show", "--json").stdout)
    text = json.dumps(shown)
    for name in ("mlp loss", "cnn accuracy", "mlp confusion", "cnn confusion, normalized"):
        assert f'"{name}"' in text or f"::{name}" in text
    assert '"errors"' not in text


def test_training_again_gives_the_same_bytes(project):
    before = project.lock()
    again = project.run("dvc", "repro", "--force", "--single-item", "train@mlp")
    assert "Running stage 'train@mlp'" in again.stdout
    assert project.lock() == before
    changed = project.git("status", "--porcelain").split()
    assert changed in ([], ["M", "reports/mlp/timing.json"])


def test_an_experiment_with_a_mistyped_key_is_refused(project):
    done = project.run("dvc", "exp", "run", "-S", "+models.mlp.fit.epoch=1", check=False)
    assert done.returncode != 0
    assert "models.mlp.fit.epoch: unknown key" in done.stdout + done.stderr


@pytest.mark.parametrize("run", ALL_RUNS)
def test_a_stage_needs_what_it_declares_and_writes_what_it_declares(reproduced, tmp_path, run):
    """Each stage runs in a folder that holds its declared dependencies and nothing else."""
    stage = reproduced.lock()[run]
    packages = ["fashion/__init__.py", "stages/__init__.py"]
    given = [entry["path"] for entry in stage["deps"]] + packages + ["params.yaml"]
    for path in given:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        source = reproduced.folder / path
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    before = files(tmp_path)
    Checkout(tmp_path).run(sys.executable, *stage["cmd"].split()[1:])
    written = {path for path in files(tmp_path) - before if not path.startswith(".runs/")}
    declared = {entry["path"] for entry in stage["outs"]}
    undeclared = {path for path in written if not covered(path, declared)}
    assert undeclared == ({f"reports/{run[6:]}/timing.json"} if "train" in run else set())
    assert all(any(covered(path, {out}) for path in written) for out in declared)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def covered(path, declared):
    return any(path == out or path.startswith(f"{out}/") for out in declared)


def test_the_time_of_another_result_is_not_shown(project):
    """DVC restores an earlier result from its cache, but not the time that it took."""

    def change(document):
        document["models"]["mlp"]["fit"]["epochs"] = 1

    shutil.copy(ROOT / "README.md", project.folder)
    project.run(sys.executable, "-m", "stages.report")
    assert "not timed" not in (project.folder / "README.md").read_text()
    change_params(project, change)
    project.stages_run()
    project.git("restore", "params.yaml")
    assert "Stage 'train@mlp' is cached" in project.run("dvc", "repro").stdout
    assert "not timed" in project.run(sys.executable, "-m", "stages.report").stdout


def test_curves_are_drawn_of_the_history_that_they_name(reproduced):
    history = _history(reproduced.folder / "reports/mlp/history")
    logged = json.loads((reproduced.folder / "reports/mlp/history/metrics.json").read_text())
    last = history.iloc[-1]
    assert last["epoch"] == logged["step"] + 1
    assert (last["loss"], last["accuracy"]) == tuple(
        logged["train"][k] for k in ("loss", "accuracy")
    )
    assert (last["val_loss"], last["val_accuracy"]) == (
        logged["eval"]["loss"],
        logged["eval"]["accuracy"],
    )


def test_mistakes_are_the_surest_and_examples_spread_over_each_class():
    names = np.repeat(CLASS_NAMES, 5)
    confidence = np.tile([0.5, 0.9, 0.7, 0.6, 0.8], 10)
    predicted = np.where(np.arange(50) % 5 < 3, "Bag", names)
    table = pd.DataFrame({"actual": names, "predicted": predicted, "confidence": confidence})
    wrong = _confident_mistakes(table, 4)
    assert (table.loc[wrong, "confidence"] == 0.9).all()
    assert (table.loc[wrong, "actual"] != "Bag").all()
    examples = _examples(table, 3)
    assert confidence[examples].tolist() == [[0.9, 0.7, 0.5]] * 10
    assert (names[examples] == np.array(CLASS_NAMES)[:, None]).all()


def test_metrics_hold_no_clock(reproduced):
    for path in reproduced.folder.glob("reports/**/metrics.json"):
        assert not re.search(r"second|time|date|duration", path.read_text())


def test_results_are_shown_and_written_for_people(project):
    readme = project.folder / "README.md"
    shutil.copy(ROOT / "README.md", readme)
    shown = project.run(sys.executable, "-m", "stages.report").stdout
    assert "mlp" in shown
    page = (project.folder / "reports/README.md").read_text()
    pictures = re.findall(r"!\[[^]]*\]\(([^)]*)\)", page)
    assert len(pictures) == 7 * len(NETWORKS)
    assert all((project.folder / "reports" / picture).exists() for picture in pictures)
    accuracy = json.loads((project.folder / "reports/mlp/metrics.json").read_text())["accuracy"]
    assert f"{accuracy:.2%}" in shown
    assert f"{accuracy:.2%}" in page
    assert f"{accuracy:.2%}" in readme.read_text()
