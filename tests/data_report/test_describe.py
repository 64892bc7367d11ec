"""The stage `describe`: its tables, and its summary."""

import numpy as np
import pandas as pd
import pytest

from fashion.io.files import read_csv, write_csv, write_json, write_yaml
from stages import describe

COUNTS = {"train": 40, "validation": 10, "test": 10}


@pytest.fixture
def report(tmp_path, small_document, capsys):
    """Describe a data set of the given images; return `duplicates.csv` and the summary line."""

    def run(images, group=lambda name: None):
        write_yaml(tmp_path / "params.yaml", small_document)
        processed, rows, start = tmp_path / "processed", [], 0
        for split, count in COUNTS.items():
            (processed / split).mkdir(parents=True)
            np.save(processed / split / "images.npy", images[start : start + count])
            np.save(processed / split / "labels.npy", np.arange(count, dtype=np.uint8) % 5)
            names = [f"{split}/{index}.png" for index in range(count)]
            rows += [(split, *of, 20, 20, 1, group(of[1])) for of in enumerate(names)]
            start += count
        columns = ["split", "index", "file", "height", "width", "channels", "group"]
        table = pd.DataFrame(rows, columns=columns).dropna(axis=1)
        write_csv(processed / "files.csv", table)
        write_json(processed / "classes.json", {"classes": small_document["data"]["classes"]})
        describe.main(str(processed), str(tmp_path / "reports"), str(tmp_path / "params.yaml"))
        return read_csv(tmp_path / "reports/data/duplicates.csv"), capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("copies", "leaks"),
    [({}, "0 test images also"), ({20: 3, 50: 3, 51: 3, 52: 45, 53: 54}, "3 test images also")],
)
def test_test_images_that_appear_in_training_or_validation_are_counted(report, copies, leaks):
    images = np.random.default_rng(0).integers(0, 256, (60, 20, 20), dtype=np.uint8)
    for copy, original in copies.items():
        images[copy] = images[original]
    table, summary = report(images)
    assert table.loc[table["match"] == "equal", "pairs"].sum() == len(copies)
    assert f"{len(copies)} pairs of equal, mirrored or near images" in summary
    assert leaks in summary


def test_groups_in_several_splits_are_counted(report, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (60, 20, 20), dtype=np.uint8)
    shared = {
        "train/7.png": "007",
        "train/8.png": "007",
        "test/1.png": "007",
        "validation/2.png": "007",
    }
    _, summary = report(images, lambda name: shared.get(name, str(name.index("/"))))
    assert summary.endswith(
        "; 4 groups of 4 to 38 images, 1 of them in several splits, so the test accuracy is too "
        "optimistic\n"
    )
    table = (tmp_path / "reports/data/groups.csv").read_text()
    assert table == "group,train,validation,test\n007,2,1,1\n"
