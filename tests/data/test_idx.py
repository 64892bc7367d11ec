import gzip

import numpy as np
import pytest

from fashion.config.idx_names import ROLES
from fashion.data.idx import IdxError, find_idx, read_idx, read_idx_splits, read_labels
from tests.conftest import idx_bytes
from tests.data.advice import refused

VALUES = np.arange(5 * 3 * 2, dtype=np.uint8).reshape(5, 3, 2)
NAMES = [
    f"{split}-{role}" for split in ("train", "t10k") for role in ("images-idx3-ubyte", "labels.idx")
]


def written(folder, content, name="file-idx"):
    path = folder / name
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
        (b"", "found an empty file; download it again, and correct its SHA-256"),
        (gzip.compress(idx_bytes(VALUES), mtime=0), "found 1f8b08..; unpack it with gunzip"),
        (b"<!DOCTYPE html><html>", "found 3c21444f; download it again"),
        (idx_bytes(VALUES[0]), "expected an IDX file with the header 00000803, found 00000802"),
        (idx_bytes(VALUES[None]), "write `channels: 3` and `preprocessing: pad` under data"),
        (idx_bytes(VALUES)[:16], r"expected 46 bytes for the shape \(5, 3, 2\), found 16"),
        (idx_bytes(VALUES) + b"x", "expected 46 bytes .*, found 47; download it again"),
        (idx_bytes(VALUES[:0]), "found the empty shape"),
    ],
)
def test_a_file_that_does_not_match_its_header_is_refused(tmp_path, content, reason):
    with pytest.raises(IdxError, match=reason):
        read_idx(written(tmp_path, content), dimensions=3)


def qmnist(values):
    header = bytes((0, 0, 0x0C, 2)) + np.array(values.shape, ">u4").tobytes()
    return header + values.astype(">i4").tobytes()


def test_the_first_column_of_qmnist_labels_is_the_class(tmp_path):
    labels = read_labels(written(tmp_path, qmnist(np.arange(24).reshape(3, 8))))
    assert (labels.dtype, labels.tolist()) == (np.uint8, [0, 8, 16])
    with pytest.raises(IdxError, match=r"expected classes from 0 to 255 .*, found 0 to 256; write"):
        read_labels(written(tmp_path, qmnist(np.array([[0, 1], [256, 1]]))))


@pytest.mark.parametrize(("shape", "size"), [((4, 5), [4, 5, 1]), ((4, 5, 3), [4, 5, 3])])
@pytest.mark.parametrize("first", [0, 1])
def test_splits_have_numbered_names_sizes_and_labels_from_0(tmp_path, shape, size, first, capsys):
    images = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    labels = np.array([1, 0]) + first
    values = {"images": images, "labels": labels}
    files = {role: written(tmp_path, idx_bytes(values[role[1]]), "-".join(role)) for role in ROLES}
    train, test = read_idx_splits(files, ["a", "b"], len(shape))
    np.testing.assert_array_equal(train.images, images.astype(np.uint8))
    assert train.labels.tolist() == test.labels.tolist() == [1, 0]
    assert [*test.files] == ["test-images:0", "test-images:1"]
    assert (train.sizes.tolist(), train.sizes.dtype) == ([size, size], np.int32)
    assert ("labels count from 1: 1 is 'a', 2 is 'b'" in capsys.readouterr().out) == bool(first)


def test_every_missing_or_repeated_file_is_named(tmp_path):
    for name in (NAMES[0], "train-images.idx3-ubyte"):
        (tmp_path / name).touch()
    repeated, *missing = refused(lambda: find_idx(tmp_path)).splitlines()
    assert "'train-images-idx3-ubyte', 'train-images.idx3-ubyte'; remove all but one" in repeated
    roles = ("training labels", "test images", "test labels")
    for line, role in zip(missing, roles, strict=True):
        assert f"{role}, found none" in line
