import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.data.idx import IdxError, read_idx
from tests.conftest import idx_bytes

VALUES = np.arange(5 * 3 * 2, dtype=np.uint8).reshape(5, 3, 2)


def written(folder, content):
    path = folder / "file-idx"
    path.write_bytes(content)
    return path


def test_a_file_is_mapped_with_its_shape_and_read_only(tmp_path):
    array = read_idx(written(tmp_path, idx_bytes(VALUES)), dimensions=3)
    assert isinstance(array, np.memmap)
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, VALUES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "received an empty file"),
        (b"\x1f\x8b\x08\x00" + bytes(12), r"\(00000803\), received 1f8b0800(;|$)"),
        (b"<!DOCTYPE html><html>", "received 3c21444f"),
        (bytes((0, 0, 0x0D, 3)) + idx_bytes(VALUES)[4:], "unsigned bytes with 3 dimension"),
        (idx_bytes(VALUES[0]), "unsigned bytes with 3 dimension"),
        (idx_bytes(VALUES)[:10], "expected an IDX header"),
        (idx_bytes(VALUES)[:15], "expected an IDX header"),
        (idx_bytes(VALUES)[:16], r"expected 46 bytes for \(5, 3, 2\), received 16"),
        (idx_bytes(VALUES)[:-1], "expected 46 bytes for .*, received 45"),
        (idx_bytes(VALUES) + b"x", "expected 46 bytes for .*, received 47"),
        (idx_bytes(VALUES[:0]), "expected items, received none"),
        (bytes((0, 0, 8, 3)) + b"\xff" * 12, "expected 79228162458924105385300197391"),
    ],
)
def test_a_file_that_is_not_what_its_header_says_is_refused(tmp_path, content, reason):
    with pytest.raises(IdxError, match=reason):
        read_idx(written(tmp_path, content), dimensions=3)


@settings(deadline=None)
@given(st.binary(max_size=64), st.integers(1, 3))
def test_any_bytes_are_read_whole_or_refused(tmp_path_factory, content, dimensions):
    path = written(tmp_path_factory.getbasetemp(), content)
    try:
        array = read_idx(path, dimensions)
    except IdxError:
        return
    assert array.tobytes() == content[4 + 4 * dimensions :]
