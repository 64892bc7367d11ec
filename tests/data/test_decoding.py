"""Image files become arrays in order; unreadable ones are left out and named."""

import numpy as np
import pytest
from PIL import Image

from fashion.data import decoding
from fashion.data.splits import ImageList
from fashion_predict.images.resizing import crop


def write(folder, count, shape=(6, 9)):
    """`count` greyscale images; all pixels of an image have its number as their value."""
    files = [f"{number}.png" for number in range(count)]
    for number, file in enumerate(files):
        Image.fromarray(np.full(shape, number, np.uint8)).save(folder / file)
    return ImageList(folder, files, np.arange(count, dtype=np.uint8))


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9])
def test_images_in_any_number_of_chunks_keep_their_order(tmp_path, monkeypatch, count):
    monkeypatch.setattr(decoding, "CHUNK", 4)
    split, errors = decoding.decode(write(tmp_path, count), (2, 3), "crop", tmp_path)
    assert errors == []
    assert split.images.shape == (count, 2, 3)
    assert (split.images == np.arange(count)[:, None, None]).all()
    assert split.labels.tolist() == list(range(count))


def test_unreadable_images_are_left_out_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "CHUNK", 2)
    images = write(tmp_path, 6)
    (tmp_path / "0.png").write_bytes(b"not an image")
    Image.new("L", (30, 30)).save(tmp_path / "3.png")  # blank
    split, errors = decoding.decode(images, (6, 9), "fashion_mnist", tmp_path)
    names = [str(error).split(": ")[0] for error in errors]
    assert names == [str(tmp_path / name) for name in ("0.png", "3.png")]
    assert split.files == ["1.png", "2.png", "4.png", "5.png"]
    assert split.labels.tolist() == split.images[:, 0, 0].tolist() == [1, 2, 4, 5]
    assert split.sizes.tolist() == [[6, 9, 1]] * 4


def test_only_unreadable_images_give_an_empty_split(tmp_path):
    (tmp_path / "0.png").write_bytes(b"not an image")
    images = ImageList(tmp_path, ["0.png"], np.zeros(1, np.uint8))
    split, errors = decoding.decode(images, (2, 3), "crop", tmp_path)
    assert (split.images.shape, split.files, len(errors)) == ((0, 2, 3), [], 1)


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4)])
@pytest.mark.parametrize("size", [(9, 6), (9, 1)])
def test_sizes_are_those_of_the_files(tmp_path, mode, channels, size):
    image = Image.effect_noise(size, 50).convert(mode)
    image.save(tmp_path / "a.png")
    images = ImageList(tmp_path, ["a.png"], np.zeros(1, np.uint8))
    split, _ = decoding.decode(images, (4, 4, 3), "crop", tmp_path)
    assert split.sizes.tolist() == [[size[1], size[0], channels]]
    np.testing.assert_array_equal(split.images[0], crop(np.asarray(image), (4, 4, 3)))
