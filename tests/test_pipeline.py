"""The whole pipeline on a small data set with other classes and sizes, in its own repository."""

import json
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from fashion import PLUMBING
from stages import describe, download, evaluate, export, plot, preprocess, train
from tests.conftest import CLASSES, FIT, MODELS, ROOT, change_params, files, write_yaml
from tools.champion import champion_pipeline
from tools.checkout import RUNNING_STAGE, UP_TO_DATE, Checkout

EACH = ("train", "evaluate", "export", "plot")
ONCE = ("download", "preprocess", "describe")


def runs_of(*networks):
    return sorted(f"{stage}@{network}" for stage in EACH for network in networks)


def test_the_stages_train_a_classifier_for_another_data_set(tmp_path, monkeypatch, small_document):
    """Five classes of 20x20 pixels, with a change of `params.yaml` alone."""
    monkeypatch.chdir(tmp_path)
    small_document = json.loads(json.dumps(small_document))
    small_document["models"]["mlp"]["fit"]["epochs"] = 8
    write_yaml(tmp_path / "params.yaml", small_document)
    download.main()
    preprocess.main()
    describe.main()
    train.main("mlp")()
    for stage in (evaluate, export, plot):
        stage.main("mlp")
    scores = json.loads((tmp_path / "reports/mlp/metrics.json").read_text())["mlp"]
    assert scores["accuracy"] > 0.9
    assert np.load("data/processed/train/images.npy").shape == (150, 20, 20)
    assert pd.read_csv("reports/data/counts.csv")["class"].tolist() == CLASSES
    assert pd.read_csv("reports/mlp/per_class.csv")["class"].tolist() == CLASSES
    history = pd.read_csv("reports/mlp/history.csv")
    assert history["val_accuracy"].iloc[-1] == scores["val_accuracy_without_tta"]
    assert "curves.png" in files(tmp_path / "reports/mlp/figures")
    exported = json.loads((tmp_path / "reports/mlp/export.json").read_text())
    for suffix, scores in exported.items():
        assert (tmp_path / f"models/mlp.{suffix}").stat().st_size == scores["bytes"]
    assert files(".runs") == {"train@mlp.json"}, "a finished training has no state"


@pytest.mark.slow
class TestReruns:
    """Which stages a change reruns."""

    @pytest.mark.parametrize(
        ("file", "expected"),
        [
            ("fashion/config/model.py", []),
            ("fashion/errors.py", []),
            ("fashion/cli.py", []),
            ("fashion/training/loop.py", ["train@mlp", "train@cnn"]),
            ("fashion/networks/cnn.py", ["train@cnn"]),
            ("fashion/evaluation/metrics.py", ["evaluate@mlp", "evaluate@cnn"]),
            ("fashion/export/parity.py", ["export@mlp", "export@cnn"]),
            ("fashion/plots/style.py", ["describe", "plot@mlp", "plot@cnn"]),
            ("fashion/data_report/tables.py", ["describe"]),
            ("fashion/data/splits.py", ["preprocess"]),
            ("fashion_predict/images/resizing.py", ["preprocess"]),
        ],
    )
    def test_a_comment_reruns_the_stages_that_use_its_folder(self, project, file, expected):
        with (project.folder / file).open("a") as stream:
            stream.write("\n# a comment\n")
        status = json.loads(project.run("dvc", "status", "--json").stdout)
        assert sorted(status) == sorted(expected)

    def test_a_comment_in_the_sources_downloads_nothing_offline(self, project, small_document):
        with (project.folder / "fashion/download/fetch.py").open("a") as stream:
            stream.write("\n# a comment\n")
        folder = small_document["download"]["sources"][0]["directory"]
        change_params(
            project,
            lambda document: document["download"].update(sources=[{"directory": f"{folder}-gone"}]),
        )
        assert project.stages_run() == ["download"]
        assert UP_TO_DATE in project.run("dvc", "repro").stdout

    def test_a_third_network_needs_a_section_in_params_and_no_other_edit(self, project):
        section = {**MODELS["mlp"], "tta": "flip", "fit": FIT | {"epochs": 1}}
        change_params(project, lambda document: document["models"].update(wide=section))
        before = project.lock()
        assert sorted(project.stages_run()) == runs_of("wide")
        after = project.lock()
        assert {name: after[name] for name in before} == before
        assert "wide" in project.run(sys.executable, "-m", "tools.report", "show").stdout
        changed = project.git("status", "--porcelain", "reports").split()
        assert [path for path in changed if "mlp" in path or "cnn" in path] == []

    def test_a_champion_is_trained_by_make_champion_alone(self, project):
        section = {**MODELS["mlp"], "fit": FIT | {"epochs": 1}}
        change_params(project, lambda document: document["champions"].update(best=section))
        assert project.stages_run() == []
        done = project.run(sys.executable, "-m", "tools.champion")
        run = RUNNING_STAGE.findall(done.stdout)
        assert sorted(run) == [f"champion/dvc.yaml:{stage}" for stage in runs_of("best")]
        assert UP_TO_DATE in project.run("dvc", "status").stdout
        assert "best" in project.run(sys.executable, "-m", "tools.report", "show").stdout
        (project.folder / "models/best.keras").unlink()  # as in a clone
        project.run("dvc", "checkout")
        assert UP_TO_DATE in project.run("dvc", "status").stdout
        with champion_pipeline(project.folder) as pipeline:
            assert project.is_up_to_date("--allow-missing", pipeline)
        change_params(project, lambda document: document["champions"]["best"].update(tta="flip"))
        with champion_pipeline(project.folder) as pipeline:
            assert not project.is_up_to_date("--allow-missing", pipeline)

    def test_tta_reruns_the_evaluation_of_its_network_alone(self, project):
        change_params(project, lambda document: document["models"]["cnn"].update(tta="flip"))
        assert sorted(project.stages_run()) == ["evaluate@cnn", "plot@cnn"]

    def test_the_outputs_of_a_refused_stage_come_back_when_the_key_is_corrected(self, project):
        change_params(project, lambda document: document["plot"].update(dip=1))
        assert project.run("dvc", "repro", check=False).returncode != 0
        change_params(project, lambda document: document["plot"].pop("dip"))
        project.run("dvc", "repro")
        assert project.git("status", "--porcelain") == ""

    def test_training_again_gives_the_same_bytes(self, project):
        before = project.lock()
        again = project.run("dvc", "repro", "--force", "--single-item", "train@mlp")
        assert "Running stage 'train@mlp'" in again.stdout
        assert project.lock() == before
        assert project.git("status", "--porcelain") == ""


@pytest.mark.slow
@pytest.mark.parametrize("run", [*ONCE, *(f"{stage}@mlp" for stage in EACH)])
def test_a_stage_needs_what_it_declares_and_writes_what_it_declares(reproduced, tmp_path, run):
    """Each stage runs in a folder with nothing but its declared dependencies and plumbing."""
    stage = reproduced.lock()[run]
    declared = [entry["path"] for entry in stage["deps"]]
    packages = [str(p.relative_to(ROOT)) for p in ROOT.glob("fashion/**/__init__.py")]
    others = ["fashion_predict/__init__.py", "stages/__init__.py", "params.yaml"]
    for path in [*declared, *PLUMBING, *packages, *others]:
        copy(reproduced.folder / path, tmp_path / path)
    before = files(tmp_path)
    Checkout(tmp_path).run(sys.executable, *stage["cmd"].split()[1:])
    written = {path for path in files(tmp_path) - before if not path.startswith(".runs/")}
    outs = {entry["path"] for entry in stage["outs"]}
    assert {path for path in written if not covered(path, outs)} == set()
    assert all(any(covered(path, {out}) for path in written) for out in outs)


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif not target.exists():
        shutil.copy(source, target)


def covered(path, declared):
    return any(path == out or path.startswith(f"{out}/") for out in declared)
