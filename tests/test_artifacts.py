import io
import os

import numpy as np
import pandas as pd
import pytest

from fashion import artifacts
from fashion.artifacts import ArtifactError, npy_writer, read_csv, read_json, read_npy, replacing

VALUES = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2)


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "file.txt"
    with replacing(target) as partial:
        partial.write_text("half")
        assert not target.exists()
    assert target.read_text() == "half"
    assert names(target.parent) == ["file.txt"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")

    def fail():
        with replacing(target) as partial:
            partial.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_npy_chunks_become_the_file_that_numpy_writes(tmp_path):
    with npy_writer(tmp_path / "values.npy", VALUES.shape) as append:
        append(VALUES[:1])
        append(VALUES[1:])
    whole = io.BytesIO()
    np.save(whole, VALUES)
    assert (tmp_path / "values.npy").read_bytes() == whole.getvalue()


def test_an_array_comes_back_memory_mapped_and_read_only(tmp_path):
    np.save(tmp_path / "values.npy", VALUES)
    array = read_npy(tmp_path / "values.npy")
    assert isinstance(array, np.memmap)
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, VALUES)


@pytest.mark.parametrize("rows", [3, 5])
def test_chunks_that_are_not_the_shape_together_are_refused(tmp_path, rows):
    def write():
        with npy_writer(tmp_path / "values.npy", (rows, 3, 2)) as append:
            append(VALUES)

    with pytest.raises(ArtifactError, match="24 bytes were written for"):
        write()
    assert names(tmp_path) == []


def test_pickles_and_damaged_arrays_are_refused(tmp_path):
    np.save(tmp_path / "pickle.npy", np.array([{}], dtype=object))
    np.save(tmp_path / "short.npy", VALUES)
    os.truncate(tmp_path / "short.npy", 140)
    (tmp_path / "text.npy").write_text("no array")
    for path in tmp_path.iterdir():
        with pytest.raises(ArtifactError, match=f"{path.name}: is not a readable .npy file"):
            read_npy(path)


def test_json_comes_back_in_its_order(tmp_path):
    content = {"b": 1, "a": {"ö": 0.5}}
    artifacts.write_json(tmp_path / "x.json", content)
    assert read_json(tmp_path / "x.json") == content
    assert (tmp_path / "x.json").read_text("utf-8").startswith('{\n  "b": 1')


def test_json_without_a_number_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        artifacts.write_json(tmp_path / "x.json", {"loss": float("nan")})
    assert names(tmp_path) == []
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(ArtifactError, match="is not a readable JSON file"):
        read_json(tmp_path / "x.json")


def test_tables_come_back_with_their_gaps(tmp_path):
    table = pd.DataFrame({"name": ["Bag", "Coat"], "share": [0.25, None]})
    artifacts.write_csv(tmp_path / "x.csv", table)
    assert (tmp_path / "x.csv").read_bytes() == b"name,share\nBag,0.25\nCoat,\n"
    pd.testing.assert_frame_equal(read_csv(tmp_path / "x.csv"), table)


def test_an_empty_table_is_refused(tmp_path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ArtifactError, match=r"empty\.csv: is not a readable table"):
        read_csv(tmp_path / "empty.csv")


def test_names_that_look_like_numbers_stay_text(tmp_path):
    artifacts.write_csv(tmp_path / "x.csv", pd.DataFrame({"name": ["7", "07"], "count": [1, 2]}))
    table = read_csv(tmp_path / "x.csv", text_columns=["name"])
    assert table["name"].tolist() == ["7", "07"]
    assert table["count"].tolist() == [1, 2]


@pytest.mark.parametrize("read", [read_npy, read_json, read_csv])
def test_a_missing_file_is_told_with_what_makes_it(tmp_path, read):
    with pytest.raises(ArtifactError, match=r"nowhere: is not there; `dvc repro` makes it"):
        read(tmp_path / "nowhere")


def test_what_a_killed_run_left_is_taken_over(tmp_path):
    target = tmp_path / "file.txt"
    killed = replacing(target)
    killed.__enter__().write_text("half")
    with replacing(target) as partial:
        partial.write_text("whole")
    assert names(tmp_path) == ["file.txt"]


def test_content_is_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    events = []
    monkeypatch.setattr(os, "fsync", lambda _: events.append((tmp_path / "x").exists()))
    artifacts.write_text(tmp_path / "x", "text")
    assert events == [False]
