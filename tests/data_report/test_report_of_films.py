"""The stage `describe` on images that are nearly all alike."""

import numpy as np
import pandas as pd
import pytest

from fashion.data_report import near_duplicates
from fashion.io.files import read_csv, write_csv, write_json, write_yaml
from stages import describe

COUNTS = {"train": 40, "validation": 10, "test": 10}


@pytest.fixture
def film(tmp_path, small_document):
    """A folder with sixty images that are all near one another."""
    write_yaml(tmp_path / "params.yaml", small_document)
    rng, processed, rows = np.random.default_rng(0), tmp_path / "data/processed", []
    for part, count in COUNTS.items():
        (processed / part).mkdir(parents=True)
        images = rng.integers(100, 103, (count, 20, 20), dtype=np.uint8)
        np.save(processed / part / "images.npy", images)
        np.save(processed / part / "labels.npy", np.arange(count, dtype=np.uint8) % 5)
        rows += [(part, f"{part}/{number}.png", 20, 20, 1) for number in range(count)]
    columns = ["part", "file", "height", "width", "channels"]
    write_csv(processed / "files.csv", pd.DataFrame(rows, columns=columns))
    write_json(processed / "classes.json", {"classes": small_document["data"]["classes"]})
    return tmp_path


def describe_in(folder):
    describe.main(
        f"{folder}/data/processed", f"{folder}/reports", params_file=f"{folder}/params.yaml"
    )
    return read_csv(folder / "reports/data/duplicates.csv")


def test_all_pairs_are_counted_where_they_can_be_compared(film, capsys):
    table = describe_in(film)
    assert table["pairs"].sum() == 60 * 59 // 2
    assert set(table["kind"]) == {"equal", "mirrored", "near"}
    assert "; 1770 pairs of equal, mirrored or near images, 900 of them" in capsys.readouterr().out


def test_pairs_that_were_not_all_compared_are_at_least_so_many(film, capsys, monkeypatch):
    monkeypatch.setattr(near_duplicates, "BLOCK", 10)
    monkeypatch.setattr(near_duplicates, "WORK", 10**6)
    table = describe_in(film)
    found = table["pairs"].sum()
    assert 0 < found < 1770
    assert set(table["kind"]) == {"equal", "mirrored", "near (at least)"}
    said = capsys.readouterr().out
    assert f"; at least {found} pairs" in said
    assert "there may be more, since too many are near one another" in said
