import numpy as np
import pytest

from fashion.io.files import FileError
from fashion.io.labeled_images import LabeledImages, load_split, npy_files


def test_a_split_is_loaded_from_its_two_files(tmp_path):
    images, labels = npy_files(tmp_path, "test")
    assert [images, labels] == [tmp_path / "test/images.npy", tmp_path / "test/labels.npy"]
    images.parent.mkdir()
    split = LabeledImages(np.zeros((2, 3, 3), np.uint8), np.array([1, 0], np.uint8))
    np.save(images, split.images)
    with pytest.raises(FileError, match=r"labels\.npy: missing"):
        load_split(tmp_path, "test")
    np.save(labels, split.labels)
    for array, expected in zip(load_split(tmp_path, "test"), split, strict=True):
        np.testing.assert_array_equal(array, expected)
