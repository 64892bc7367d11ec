import errno
import io
import os

import numpy as np
import pandas as pd
import pytest

from fashion.io import files
from fashion.io.files import FileError, read_csv, read_json, read_npy, replacing, write_npy

VALUES = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2)


def names(folder):
    return [path.name for path in folder.iterdir()]


def fail(target, error):
    with replacing(target) as partial:
        partial.write_text("half")
        raise error


def test_a_file_appears_only_when_it_is_complete(tmp_path, monkeypatch):
    target, synced = tmp_path / "new/folder/file.txt", []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(target.exists()))
    with replacing(target) as partial:
        partial.write_text("all")
        assert not target.exists()
    assert target.read_text() == "all"
    assert names(target.parent) == ["file.txt"]
    assert synced == [False], "the content is on the disk before the name is"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), r"No space left .*file\.txt"),
        (ValueError("defect"), "^defect$"),
    ],
)
def test_a_failure_keeps_the_old_file_and_leaves_nothing_else(tmp_path, error, expected):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(type(error), match=expected):
        fail(target, error)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_the_next_run_overwrites_what_a_killed_run_left(tmp_path):
    killed = replacing(tmp_path / "file.txt")
    killed.__enter__().write_text("half")
    files.write_text(tmp_path / "file.txt", "complete")
    assert names(tmp_path) == ["file.txt"]


@pytest.mark.parametrize("indices", [[3, 1], [0] * 6 + [1], []])
def test_selected_images_give_the_file_that_numpy_writes(tmp_path, indices, monkeypatch):
    monkeypatch.setattr(files, "CHUNK_BYTES", 18)
    indices = np.array(indices, int)
    write_npy(tmp_path / "values.npy", VALUES, indices)
    whole = io.BytesIO()
    np.save(whole, VALUES[indices])
    assert (tmp_path / "values.npy").read_bytes() == whole.getvalue()


def test_an_array_is_read_memory_mapped_and_a_pickle_or_a_part_is_refused(tmp_path):
    path = tmp_path / "values.npy"
    np.save(path, VALUES)
    array = read_npy(path)
    assert isinstance(array, np.memmap)
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, VALUES)
    os.truncate(path, 140)
    with pytest.raises(FileError, match=r"values\.npy: expected a \.npy file"):
        read_npy(path)
    np.save(path, np.array([{}], dtype=object))
    with pytest.raises(FileError, match=r"values\.npy: expected a \.npy file"):
        read_npy(path)


def test_json_has_its_order_and_no_nan(tmp_path):
    content = {"b": 1, "a": {"ö": 0.5}}
    files.write_json(tmp_path / "x.json", content)
    assert read_json(tmp_path / "x.json") == content
    expected = '{\n  "b": 1,\n  "a": {\n    "ö": 0.5\n  }\n}\n'
    assert (tmp_path / "x.json").read_bytes() == expected.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(tmp_path / "x.json", {"loss": float("nan")})


def test_only_an_empty_cell_of_a_table_is_a_missing_value(tmp_path):
    table = pd.DataFrame({"name": ["NA", "None", None], "count": ["7", "07", "1"]})
    files.write_csv(tmp_path / "x.csv", table)
    assert (tmp_path / "x.csv").read_bytes() == b"name,count\nNA,7\nNone,07\n,1\n"
    pd.testing.assert_frame_equal(read_csv(tmp_path / "x.csv", ["count"]), table)
    assert read_csv(tmp_path / "x.csv")["count"].tolist() == [7, 7, 1]


@pytest.mark.parametrize(
    ("read", "expected"), [(read_npy, "a .npy file"), (read_json, "a JSON file"), (read_csv, "a t")]
)
def test_a_missing_or_damaged_file_is_named(tmp_path, read, expected):
    with pytest.raises(FileError, match=r"file: missing; run `dvc checkout`, or `make repro`"):
        read(tmp_path / "file")
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=f"file: expected {expected}"):
        read(tmp_path / "file")
