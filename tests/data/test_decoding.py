"""Image files become arrays in order; unreadable ones are left out and named."""

import numpy as np
import pytest
from PIL import Image

from fashion.data import decoding
from fashion.data.splits import ImageList


@pytest.fixture
def decode(tmp_path, monkeypatch):
    """Decode `count` greyscale images whose pixels are their numbers, except `others`."""
    monkeypatch.setattr(decoding, "CHUNK", 4)

    def decode(count, others=None):
        files = [f"{number}.png" for number in range(count)]
        for number, file in enumerate(files):
            Image.fromarray(np.full((6, 9), number, np.uint8)).save(tmp_path / file)
        for file, content in (others or {}).items():
            (tmp_path / file).write_bytes(content)
        images = ImageList(tmp_path, files, np.arange(count, dtype=np.uint8))
        return decoding.decode(images, (2, 3), "crop", tmp_path)

    return decode


@pytest.mark.parametrize("count", [1, 4, 9])
def test_images_in_any_number_of_chunks_keep_their_order(decode, count):
    split, errors = decode(count)
    assert errors == []
    assert split.images.shape == (count, 2, 3)
    assert (split.images == np.arange(count)[:, None, None]).all()
    assert split.labels.tolist() == list(range(count))


def test_unreadable_images_are_left_out_and_named(decode, tmp_path):
    split, errors = decode(6, {"0.png": b"not an image", "3.png": b""})
    names = [str(error).split(": ")[0] for error in errors]
    assert names == [str(tmp_path / name) for name in ("0.png", "3.png")]
    assert split.files == ["1.png", "2.png", "4.png", "5.png"]
    assert split.labels.tolist() == split.images[:, 0, 0].tolist() == [1, 2, 4, 5]
    assert split.sizes.tolist() == [[6, 9, 1]] * 4
