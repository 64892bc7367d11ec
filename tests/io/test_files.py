import errno
import io
import os

import numpy as np
import pandas as pd
import pytest

from fashion.io import files
from fashion.io.files import FileError, read_csv, read_json, read_npy, replacing, sha256, write_npy

VALUES = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2)


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    target = tmp_path / "new" / "folder" / "file.txt"
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


def test_an_error_of_the_system_names_the_file_that_was_to_be(tmp_path):
    target = tmp_path / "file.txt"

    def fail(*filename):
        with replacing(target) as partial:
            partial.touch()
            raise OSError(errno.ENOSPC, "No space left on device", *filename)

    for given, named in ((), str(target)), (("other",), "other"):
        with pytest.raises(OSError, match="No space left") as caught:
            fail(*given)
        assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, named)
    assert names(tmp_path) == []


def test_what_a_killed_run_left_is_overwritten(tmp_path):
    target = tmp_path / "file.txt"
    killed = replacing(target)
    killed.__enter__().write_text("half")
    with replacing(target) as partial:
        partial.write_text("complete")
    assert names(tmp_path) == ["file.txt"]


def test_content_is_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    events = []
    monkeypatch.setattr(os, "fsync", lambda _: events.append((tmp_path / "x").exists()))
    files.write_text(tmp_path / "x", "text")
    assert events == [False]


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [3, 1], [2, 0, 1], [0] * 6 + [1], []])
def test_rows_become_the_file_that_numpy_writes(tmp_path, rows, monkeypatch):
    monkeypatch.setattr(files, "CHUNK_ROWS", 3)
    rows = np.array(rows, int)
    write_npy(tmp_path / "values.npy", VALUES, rows)
    whole = io.BytesIO()
    np.save(whole, VALUES[rows])
    assert (tmp_path / "values.npy").read_bytes() == whole.getvalue()


def test_an_array_comes_back_memory_mapped_and_read_only(tmp_path):
    np.save(tmp_path / "values.npy", VALUES)
    array = read_npy(tmp_path / "values.npy")
    assert isinstance(array, np.memmap)
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, VALUES)


def test_pickles_and_damaged_arrays_are_refused(tmp_path):
    np.save(tmp_path / "pickle.npy", np.array([{}], dtype=object))
    np.save(tmp_path / "short.npy", VALUES)
    os.truncate(tmp_path / "short.npy", 140)
    (tmp_path / "text.npy").write_text("no array")
    for path in tmp_path.iterdir():
        with pytest.raises(FileError, match=f"{path.name}: expected a .npy file"):
            read_npy(path)


def test_json_comes_back_in_its_order(tmp_path):
    content = {"b": 1, "a": {"ö": 0.5}}
    files.write_json(tmp_path / "x.json", content)
    assert read_json(tmp_path / "x.json") == content
    expected = '{\n  "b": 1,\n  "a": {\n    "ö": 0.5\n  }\n}\n'
    assert (tmp_path / "x.json").read_bytes() == expected.encode()


def test_json_without_a_number_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(tmp_path / "x.json", {"loss": float("nan")})
    assert names(tmp_path) == []
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(FileError, match="expected a JSON file"):
        read_json(tmp_path / "x.json")


def test_tables_come_back_with_their_gaps(tmp_path):
    table = pd.DataFrame({"name": ["Bag", "Coat"], "fraction": [0.25, None]})
    files.write_csv(tmp_path / "x.csv", table)
    assert (tmp_path / "x.csv").read_bytes() == b"name,fraction\nBag,0.25\nCoat,\n"
    pd.testing.assert_frame_equal(read_csv(tmp_path / "x.csv"), table)


def test_only_an_empty_cell_is_a_gap(tmp_path):
    names = ["NA", "None", "nan", "null"]  # may be classes
    files.write_csv(tmp_path / "x.csv", pd.DataFrame({"name": [*names, None]}))
    found = read_csv(tmp_path / "x.csv")["name"]
    assert found[:4].tolist() == names
    assert found.isna().tolist() == [False] * 4 + [True]


def test_an_empty_table_is_refused(tmp_path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(FileError, match=r"empty\.csv: expected a table"):
        read_csv(tmp_path / "empty.csv")


def test_names_that_look_like_numbers_stay_text(tmp_path):
    files.write_csv(tmp_path / "x.csv", pd.DataFrame({"name": ["7", "07"], "count": [1, 2]}))
    table = read_csv(tmp_path / "x.csv", text_columns=["name"])
    assert table["name"].tolist() == ["7", "07"]
    assert table["count"].tolist() == [1, 2]


@pytest.mark.parametrize("read", [read_npy, read_json, read_csv])
def test_a_missing_file_is_named_with_what_restores_it(tmp_path, read):
    with pytest.raises(FileError, match=r"nowhere: missing; `dvc checkout` or `dvc repro` restore"):
        read(tmp_path / "nowhere")


def test_a_digest_is_that_of_sha256sum(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x").startswith("ba7816bf8f01cfea")


@pytest.mark.parametrize(("letters", "lines"), [(92, 1), (93, 2)])
def test_a_line_of_yaml_has_up_to_100_characters(tmp_path, letters, lines):
    files.write_yaml(tmp_path / "x.yaml", {"k": "a" * letters + " b cc"})
    found = (tmp_path / "x.yaml").read_text().splitlines()
    assert (len(found), max(map(len, found)) <= 100) == (lines, True)


def test_a_digest_stands_on_the_line_of_its_name_in_yaml(tmp_path):
    path, digest = tmp_path / "x.yaml", "0123456789abcdef" * 4
    files.write_yaml(path, {"data": {"validation/images.npy": digest}})
    assert path.read_text() == f"data:\n  validation/images.npy: {digest}\n"
