"""Training images with wrong labels are found by networks that were not trained on them."""

import numpy as np
import pytest

from fashion.io.files import read_csv
from tests.conftest import change_params

LABELS = "data/processed/train/labels.npy"
WRONG = [3, 50, 77, 120]


def settings(document):
    document["label_issues"] = {"folds": 3, "epochs": 25, "images": 6}


@pytest.mark.slow
def test_wrong_labels_come_first_and_no_fold_is_trained_again(project):
    labels = np.load(project.folder / LABELS)
    labels[WRONG] = (labels[WRONG] + 2) % 5
    (project.folder / LABELS).unlink()  # a link into DVC's cache
    np.save(project.folder / LABELS, labels)
    change_params(project, settings)
    command = ("python", "-m", "tools.label_issues", "mlp")
    printed = project.run(*command).stdout
    assert "fold 3 of 3" in printed
    table = read_csv(project.folder / "reports/label_issues/images.csv")
    assert sorted(table["index"][: len(WRONG)]) == WRONG
    assert (table["actual"] != table["predicted"])[: len(WRONG)].all()
    assert table["file"].str.startswith("train-images").all()
    assert (project.folder / "reports/label_issues/gallery.png").stat().st_size > 5000
    assert "fold" not in project.run(*command).stdout
    assert project.git("status", "--porcelain", "--", "data", "models", "reports/mlp") == ""


def test_an_unknown_network_is_named(project):
    done = project.run("python", "-m", "tools.label_issues", "vit", check=False)
    assert (done.returncode, done.stderr) == (2, "expected one of mlp, cnn; received vit\n")
