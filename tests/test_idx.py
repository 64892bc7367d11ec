import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.idx import IdxError, open_idx
from tests.conftest import idx_bytes

VALUES = np.arange(5 * 3 * 2, dtype=np.uint8).reshape(5, 3, 2)


def written(folder, content):
    path = folder / "file-idx"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_chunks_together_are_the_whole(tmp_path, rows):
    file = open_idx(written(tmp_path, idx_bytes(VALUES)), dimensions=3)
    chunks = list(file.chunks(rows))
    assert max(len(chunk) for chunk in chunks) <= rows
    np.testing.assert_array_equal(np.concatenate(chunks), VALUES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "received an empty file"),
        (b"\x1f\x8b\x08\x00" + bytes(12), "received 1f8b0800"),
        (b"<!DOCTYPE html><html>", "received 3c21444f"),
        (bytes((0, 0, 0x0D, 3)) + idx_bytes(VALUES)[4:], "unsigned bytes with 3 dimension"),
        (idx_bytes(VALUES[0]), "unsigned bytes with 3 dimension"),
        (idx_bytes(VALUES)[:10], "expected an IDX header"),
        (idx_bytes(VALUES)[:-1], "asks for 46 bytes, the file has 45"),
        (idx_bytes(VALUES) + b"x", "asks for 46 bytes, the file has 47"),
        (bytes((0, 0, 8, 3)) + b"\xff" * 12, "asks for 79228162458924105385300197391"),
    ],
)
def test_a_file_that_is_not_what_its_header_says_is_refused(tmp_path, content, reason):
    with pytest.raises(IdxError, match=reason):
        open_idx(written(tmp_path, content), dimensions=3)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(IdxError, match=r"nowhere: cannot be read"):
        open_idx(tmp_path / "nowhere", dimensions=1)


@settings(deadline=None)
@given(st.binary(max_size=64), st.integers(1, 3))
def test_any_bytes_are_read_whole_or_refused(tmp_path_factory, content, dimensions):
    path = written(tmp_path_factory.getbasetemp(), content)
    try:
        file = open_idx(path, dimensions)
    except IdxError:
        return
    assert sum(chunk.size for chunk in file.chunks(4)) == len(content) - file.offset
