"""Networks compared on photographs, over seeds."""

import pytest

from fashion.io.files import read_csv, write_yaml
from research.photographs import TABLE, TRAININGS, load, parameters, summary
from tests.conftest import MODELS, ROOT
from tests.data.image_files import write_classes

LINES = {
    "data": {"classes": "folders", "channels": 3, "preprocessing": "pad"},
    "download": {"images": "data/raw", "files": []},
    "models": {"small": MODELS["cnn"]},
}
CHANGES = {"fit.epochs": 1, "fit.batch_size": 4, "fit.selection.fraction": 1.0}


@pytest.fixture
def start(project):
    """Run the comparison of `trainings` in the small project; return its table."""
    raw = project.folder / "photographs"
    for split in ("train", "validation", "test"):
        write_classes(raw / split, {"a": 6, "b": 8})
    write_yaml(project.folder / "examples/clothing.yaml", LINES)

    def start(seeds, **trainings):
        write_yaml(project.folder / TRAININGS, {"seeds": seeds, "trainings": trainings})
        project.run("python", "-m", "research.photographs", "photographs")
        return read_csv(project.folder / TABLE)

    (project.folder / "examples").mkdir(exist_ok=True)
    return start


@pytest.mark.slow
def test_each_training_has_a_row_that_is_not_trained_again(start, project):
    small = {"network": "small", "image_size": 12, "changes": CHANGES}
    few = small | {"images_per_class": 3, "changes": CHANGES | {"fit.batch_size": 2}}
    table = start([0], all=small, few=few)
    assert table[["training", "seed"]].to_numpy().tolist() == [["all", 0], ["few", 0]]
    assert table["accuracy"].between(0, 1).all()
    page = (project.folder / TABLE).with_name("README.md").read_text()
    assert "| all " in page
    left = {path.name for path in (project.folder / ".runs/photographs").iterdir()}
    assert left == {"12-all", "12-3"}
    kept = list((project.folder / ".runs/photographs/12-3/data/raw/train").rglob("*.*"))
    assert sorted(path.stem for path in kept) == ["0", "0", "1", "1", "2", "2"]
    assert start([0], all=small).equals(table)


def test_seeds_become_a_mean_and_a_standard_deviation():
    rows = [
        {
            "training": "all",
            "seed": seed,
            "accuracy": accuracy,
            "accuracy_without_tta": 0.5,
            "balanced_accuracy": 0.5,
            "seconds": seconds,
            "megabytes": 14.2,
        }
        for seed, accuracy, seconds in [(0, 0.9, 60), (1, 0.92, 120), (2, 0.94, 120)]
    ]
    (mean,) = summary(rows)
    assert (mean["accuracy"], mean["minutes"]) == ("92.0% ± 2.0", "2.0")
    assert summary(rows[:1])[0]["accuracy"] == "90.0%"


@pytest.mark.usefixtures("fashion_mnist")
def test_the_committed_trainings_are_valid(monkeypatch):
    monkeypatch.chdir(ROOT)
    for training in load().trainings.values():
        sections = parameters(training)
        assert list(sections["models"]) == [training.network]
        assert sections["data"]["classes"] == "folders"
