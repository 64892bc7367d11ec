import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.data.idx import IdxError, find_idx, read_idx, read_labels
from tests.conftest import idx_bytes
from tests.data.advice import cured, refused

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
        (b"", "received an empty file; this is no IDX file: get the file again, and correct its"),
        (b"\x1f\x8b\x08\x00" + bytes(12), "received 1f8b0800; unpack it: gunzip"),
        (b"<!DOCTYPE html><html>", "received 3c21444f; this is no IDX file: get the file again"),
        (bytes((0, 0, 0x0D, 3)) + idx_bytes(VALUES)[4:], "write the values as docs/own-data.md"),
        (idx_bytes(VALUES[0]), "unsigned bytes with 3 dimension"),
        (idx_bytes(VALUES)[:10], "expected an IDX header"),
        (idx_bytes(VALUES)[:15], "expected an IDX header"),
        (idx_bytes(VALUES)[:16], r"expected 46 bytes for \(5, 3, 2\), received 16"),
        (idx_bytes(VALUES)[:-1], "expected 46 bytes for .*, received 45; the file is cut off"),
        (idx_bytes(VALUES) + b"x", "expected 46 bytes for .*, received 47; the file is cut off"),
        (idx_bytes(VALUES[:0]), "expected items, received none"),
        (bytes((0, 0, 8, 3)) + b"\xff" * 12, "expected 79228162458924105385300197391"),
    ],
)
def test_a_file_that_is_not_what_its_header_says_is_refused(tmp_path, content, reason):
    with pytest.raises(IdxError, match=reason):
        read_idx(written(tmp_path, content), dimensions=3)


def test_a_file_that_is_still_compressed_is_unpacked(tmp_path):
    path = written(tmp_path, gzip.compress(idx_bytes(VALUES)))

    def unpack(message):
        assert message.endswith("; unpack it: gunzip")
        path.write_bytes(gzip.decompress(path.read_bytes()))

    np.testing.assert_array_equal(cured(lambda: read_idx(path, 3), unpack), VALUES)


def test_images_and_labels_that_are_interchanged_are_exchanged(tmp_path):
    images, labels = tmp_path / "images", tmp_path / "labels"
    labels.write_bytes(idx_bytes(VALUES))
    images.write_bytes(idx_bytes(VALUES[:, 0, 0]))

    def exchange(message):
        assert message.endswith("interchanged: exchange the names of the two files")
        images.rename(tmp_path / "x")
        labels.rename(images)
        (tmp_path / "x").rename(labels)

    assert "interchanged" in refused(lambda: read_labels(labels))
    np.testing.assert_array_equal(cured(lambda: read_idx(images, 3), exchange), VALUES)
    np.testing.assert_array_equal(read_labels(labels), VALUES[:, 0, 0])


def qmnist(values):
    header = bytes((0, 0, 0x0C, 2)) + np.array(values.shape, ">u4").tobytes()
    return header + values.astype(">i4").tobytes()


def test_the_first_column_of_labels_as_qmnist_has_them_is_the_class(tmp_path):
    table = np.arange(24).reshape(3, 8)
    labels = read_labels(written(tmp_path, qmnist(table)))
    assert (labels.dtype, labels.tolist()) == (np.uint8, [0, 8, 16])


@pytest.mark.parametrize("wrong", [-1, 256])
def test_classes_that_are_no_byte_are_refused_and_taken_as_unsigned_bytes(tmp_path, wrong):
    path = written(tmp_path, qmnist(np.array([[0, 1], [wrong, 1]])))

    def write(message):
        assert "expected classes from 0 to 255 in the first column, found " in message
        assert message.endswith("; write them as an IDX file of unsigned bytes")
        path.write_bytes(idx_bytes(np.array([0, 1])))

    assert cured(lambda: read_labels(path), write).tolist() == [0, 1]


FOUR = [
    f"{part}-{kind}" for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels.idx1")
]


def test_the_four_files_are_found_beside_others(tmp_path):
    assert find_idx(tmp_path) == {}
    for name in [*FOUR, "LICENSE", ".train-images-idx3-ubyte", "test-images-idx3-ubyte~"]:
        (tmp_path / name).touch()
    assert [path.name for path in find_idx(tmp_path).values()] == FOUR


def test_every_file_that_is_missing_is_named_and_put_there(tmp_path):
    (tmp_path / FOUR[0]).touch()

    def put(message):
        kinds = ("training labels", "test images", "test labels")
        assert message.splitlines() == [
            f"'{tmp_path}': expected one IDX file of {kind}, found none; put it there"
            for kind in kinds
        ]
        for name in FOUR[1:]:
            (tmp_path / name).touch()

    assert len(cured(lambda: find_idx(tmp_path), put)) == 4


def test_two_files_of_one_kind_are_named_and_one_moved_away(tmp_path):
    for name in [*FOUR, "train-images.idx3-ubyte"]:
        (tmp_path / name).touch()

    def move(message):
        assert message == (
            f"'{tmp_path}': expected one IDX file of training images, found "
            "'train-images-idx3-ubyte', 'train-images.idx3-ubyte'; move all but one out of it"
        )
        (tmp_path / "train-images.idx3-ubyte").unlink()

    assert len(cured(lambda: find_idx(tmp_path), move)) == 4


@settings(deadline=None)
@given(st.binary(max_size=64), st.integers(1, 3))
def test_any_bytes_are_read_whole_or_refused(tmp_path_factory, content, dimensions):
    path = written(tmp_path_factory.getbasetemp(), content)
    try:
        array = read_idx(path, dimensions)
    except IdxError:
        return
    assert array.tobytes() == content[4 + 4 * dimensions :]
