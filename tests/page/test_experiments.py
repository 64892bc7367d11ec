"""The experiments that the page compares, from a small project with Git and DVC."""

import pandas as pd
import pytest

from fashion.io.files import write_csv, write_json
from tests.conftest import write_yaml
from tools.checkout import Checkout
from tools.page.experiments import experiment_tables

pytestmark = pytest.mark.slow
PARAMS = {
    "train": {"seed": 0},
    "plot": {"dpi": 60},
    "models": {"cnn": {"fit": {"epochs": 2}}, "mlp": {"units": [8], "fit": {"epochs": 2}}},
}


def write_results(project, network, accuracy, epochs=2):
    report = project.folder / "reports" / network
    scores = {"accuracy": accuracy, "loss": 0.5, "macro_f1": accuracy}
    write_json(report / "metrics.json", {network: scores})
    columns = {"epoch": range(1, epochs + 1), "val_accuracy": accuracy, "val_loss": 1 / 3}
    write_csv(report / "history.csv", pd.DataFrame(columns))


def commit(project, message):
    project.git("add", "--all")
    project.git("commit", "--quiet", "--allow-empty", f"--message={message}")


def save(project, name, accuracy, **params):
    """Save an experiment that changes the `mlp`, and restore the files."""
    write_yaml(project.folder / "params.yaml", PARAMS | params)
    write_results(project, "mlp", accuracy, epochs=3)
    project.run("dvc", "exp", "save", "--name", name)
    project.git("checkout", "--quiet", ".")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with three branches, and experiments on two of them and on an older commit."""
    project = Checkout(tmp_path_factory.mktemp("project"))
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("config", "user.name", "name")
    project.git("config", "user.email", "name@localhost")
    project.run("dvc", "init", "--quiet")
    paths = [f"reports/{network}/metrics.json" for network in ("cnn", "mlp")]
    write_yaml(project.folder / "dvc.yaml", {"params": ["params.yaml"], "metrics": paths})
    write_yaml(project.folder / "params.yaml", PARAMS)
    for network in ("cnn", "mlp"):
        write_results(project, network, 0.5)
    commit(project, "Start")
    wider = {"cnn": PARAMS["models"]["cnn"], "mlp": {"units": [16], "fit": {"epochs": 2}}}
    save(project, "early", 0.6, models=wider)
    commit(project, "Next")
    save(project, "same", 0.7, plot={"dpi": 90})
    project.git("checkout", "--quiet", "-b", "wider")
    write_yaml(project.folder / "params.yaml", PARAMS | {"models": wider})
    commit(project, "Wider")
    save(project, "same", 0.8, models=wider, train={"seed": 1})
    project.git("checkout", "--quiet", "-b", "broken", "main")
    (project.folder / "dvc.yaml").write_text("no: [pipeline")
    commit(project, "Broken")
    project.git("checkout", "--quiet", "main")
    write_results(project, "mlp", 0.9)  # not committed
    return project


def test_branches_and_experiments_are_compared_from_their_commits(project):
    mlp, cnn = experiment_tables(project.folder)
    start = short_rev(project, "main~")
    on_main, on_wider = (experiment_rev(project, "same", branch) for branch in ("main", "wider"))
    shown = {row["name"]: (row["base"], *row["parameters"], row["scores"]) for row in mlp["rows"]}
    assert mlp["network"] == "mlp"
    assert mlp["parameters"] == ["units", "train.seed"]
    assert shown == {
        "main": (None, [8], 0, {"accuracy": 0.5, "loss": 0.5}),
        "wider": (None, [16], 0, {"accuracy": 0.5, "loss": 0.5}),
        start: (None, [8], 0, {"accuracy": 0.5, "loss": 0.5}),
        "early": (start, [16], 0, {"accuracy": 0.6, "loss": 0.5}),
        f"same@{on_main}": ("main", [8], 0, {"accuracy": 0.7, "loss": 0.5}),
        f"same@{on_wider}": ("wider", [16], 1, {"accuracy": 0.8, "loss": 0.5}),
    }
    curves = {row["name"]: row["curves"] for row in mlp["rows"]}
    assert curves["main"] == {
        "epoch": [1, 2],
        "val_accuracy": [0.5, 0.5],
        "val_loss": [0.3333, 0.3333],
    }
    assert curves["early"]["val_accuracy"] == [0.6, 0.6, 0.6]
    # The seed concerns both networks, the other experiments only the mlp.
    assert cnn["parameters"] == ["train.seed"]
    assert [row["name"] for row in cnn["rows"]] == ["main", "wider", start, f"same@{on_wider}"]


def short_rev(project, name):
    return project.git("rev-parse", name).strip()[:7]


def experiment_rev(project, name, branch):
    base = project.git("rev-parse", branch).strip()
    return short_rev(project, f"refs/exps/{base[:2]}/{base[2:]}/{name}")


def test_without_dvc_or_commits_there_is_nothing_to_compare(tmp_path):
    assert experiment_tables(tmp_path) == []
    (tmp_path / ".dvc").mkdir()
    Checkout(tmp_path).git("init", "--quiet")
    assert experiment_tables(tmp_path) == []
