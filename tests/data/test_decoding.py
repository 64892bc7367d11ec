"""Images become images in order, and those that cannot be read are left out and named."""

import numpy as np
import pytest
from PIL import Image

from fashion.data import decoding
from fashion.data.folders import ImageList
from fashion_predict.images.resizing import crop


def write(folder, count, shape=(6, 9)):
    """`count` greyscale images, each of one grey that is its number."""
    files = [f"{number}.png" for number in range(count)]
    for number, file in enumerate(files):
        Image.fromarray(np.full(shape, number, np.uint8)).save(folder / file)
    return ImageList(folder, files, np.arange(count, dtype=np.uint8))


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9])
def test_images_of_any_number_of_chunks_become_images_in_order(tmp_path, monkeypatch, count):
    monkeypatch.setattr(decoding, "CHUNK", 4)
    part, errors = decoding.decode(write(tmp_path, count), (2, 3), "crop", tmp_path)
    assert errors == []
    assert part.images.shape == (count, 2, 3)
    assert (part.images == np.arange(count)[:, None, None]).all()
    assert part.labels.tolist() == list(range(count))


def test_what_cannot_be_read_is_left_out_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "CHUNK", 2)
    listed = write(tmp_path, 6)
    (tmp_path / "0.png").write_bytes(b"no image")
    Image.new("L", (30, 30)).save(tmp_path / "3.png")  # which shows nothing
    part, errors = decoding.decode(listed, (6, 9), "fashion_mnist", tmp_path)
    assert [str(error).split(": ")[0] for error in errors] == [
        str(tmp_path / name) for name in ("0.png", "3.png")
    ]
    assert part.files == ["1.png", "2.png", "4.png", "5.png"]
    assert part.labels.tolist() == part.images[:, 0, 0].tolist() == [1, 2, 4, 5]
    assert part.sizes.tolist() == [[6, 9, 1]] * 4


def test_no_image_that_can_be_read_is_an_empty_part(tmp_path):
    listed = write(tmp_path, 2)
    for file in listed.files:
        (tmp_path / file).write_bytes(b"no image")
    part, errors = decoding.decode(listed, (2, 3), "crop", tmp_path)
    assert (part.images.shape, part.files, len(part.labels)) == ((0, 2, 3), [], 0)
    assert len(errors) == 2


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4)])
@pytest.mark.parametrize("size", [(9, 6), (9, 1), (1, 6)])
def test_sizes_are_those_of_the_images(tmp_path, mode, channels, size):
    image = Image.effect_noise(size, 50).convert(mode)
    image.save(tmp_path / "a.png")
    listed = ImageList(tmp_path, ["a.png"], np.zeros(1, np.uint8))
    part, _ = decoding.decode(listed, (4, 4, 3), "crop", tmp_path)
    assert part.sizes.tolist() == [[size[1], size[0], channels]]
    np.testing.assert_array_equal(part.images[0], crop(np.asarray(image), (4, 4, 3)))
