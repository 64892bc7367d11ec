import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fashion_predict import ImageError
from fashion_predict.images import reading
from fashion_predict.images.reading import FORMATS, SUFFIXES, read_image

GRADIENT = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30) * 109  # 16 bits


def gradient(mode="RGB"):
    return Image.fromarray((GRADIENT // 257).astype(np.uint8)).convert(mode)


def encoded(image, file_format, **options):
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_format_is_read_and_refused_if_truncated(file_format):
    content = encoded(gradient(), file_format)
    pixels = read_image(content)
    assert (pixels.dtype, pixels.shape[:2]) == (np.uint8, (20, 30))
    assert np.abs(pixels.reshape(20, 30, -1)[..., 0].astype(int) - GRADIENT // 257).mean() < 3
    with pytest.raises(ImageError, match="broken"):
        read_image(content[: len(content) * 2 // 3])


def test_every_suffix_belongs_to_a_format():
    registered = Image.registered_extensions()
    assert {registered[suffix] for suffix in SUFFIXES} == set(FORMATS)


MODES = {"L": (), "1": (), "P": (3,), "CMYK": (3,), "YCbCr": (3,), "LAB": (3,), "HSV": (3,)}


@pytest.mark.parametrize(("mode", "axes"), [*MODES.items(), ("LA", (4,)), ("RGBA", (4,))])
def test_every_mode_becomes_greyscale_rgb_or_rgba(mode, axes):
    assert read_image(gradient(mode)).shape == (20, 30, *axes)


def test_16_bits_are_scaled():
    expected = (GRADIENT.astype(int) + 128) // 257
    for file_format in ("PNG", "TIFF"):
        pixels = read_image(encoded(Image.fromarray(GRADIENT), file_format))
        np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        (np.float32, [0, 0.5, 1], [0, 128, 255]),
        (np.float32, [1000, 50_000, 100_000], [3, 128, 255]),
        (np.int32, [-9, 128, 255], [0, 128, 255]),
        (np.int32, [65406, 65407, 65535], [254, 255, 255]),  # 257 * 254.5 lies between
        (np.int32, [0, 32768, 65536], [0, 128, 255]),
    ],
)
def test_floats_and_32_bits_are_scaled_by_their_white(dtype, values, expected):
    content = encoded(Image.fromarray(np.array([values], dtype)), "TIFF")
    assert read_image(content).tolist() == [expected]
    with pytest.raises(ImageError, match="not finite"):
        read_image(Image.fromarray(np.full((3, 3), np.nan, np.float32)))


def test_a_transparent_colour_becomes_alpha():
    palette = Image.new("P", (4, 4), 1)
    palette.putpixel((0, 0), 0)
    for image, transparency in ((palette, 0), (Image.new("L", (4, 4), 9), 9)):
        pixels = read_image(encoded(image, "PNG", transparency=transparency))
        assert pixels.shape == (4, 4, 4)
        assert pixels[0, 0, 3] == 0


def test_the_orientation_in_exif_is_applied():
    exif = Image.Exif()
    exif[274] = 6  # a quarter turn
    upright = read_image(encoded(gradient(), "PNG", exif=exif))
    np.testing.assert_array_equal(upright, np.rot90(read_image(gradient()), -1))


def test_the_first_image_of_an_animation_is_read():
    frames = [Image.new("L", (5, 5), value) for value in (10, 200)]
    pixels = read_image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert np.unique(pixels).tolist() == [10]


def png_that_claims(width, height):
    content = encoded(gradient(), "PNG")
    header = content[12:16] + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "expected an image, received an empty file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "expected one of PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "expected one of PNG"),
        (png_that_claims(8000, 8000), "broken or cut off: "),
        (png_that_claims(8000, 8001), r"8,000 x 8,001 pixels; reduce it$"),
        (png_that_claims(50000, 50000), r"more than 64,000,000 pixels; reduce it$"),
    ],
)
@pytest.mark.parametrize("suffix", ["jpg", "eps"])
def test_bad_content_is_one_line_whatever_the_suffix(tmp_path, content, error, suffix):
    path = tmp_path / f"file.{suffix}"
    path.write_bytes(content)
    for source, prefix in ((path, f"{path}: "), (content, "")):
        with pytest.raises(ImageError, match=f"^{prefix}{error}") as caught:
            read_image(source)
        assert "\n" not in str(caught.value)


def test_the_largest_file_has_500_million_bytes(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.touch()
    os.truncate(path, 500_000_001)  # a sparse file
    with pytest.raises(ImageError, match=r"larger than 500,000,000 bytes; reduce it$"):
        read_image(path)
    content = encoded(gradient(), "PNG")
    monkeypatch.setattr(reading, "MAX_BYTES", len(content))
    for read in (bytes, bytearray, io.BytesIO):
        np.testing.assert_array_equal(read_image(read(content)), np.asarray(gradient()))
        with pytest.raises(ImageError, match="larger than"):
            read_image(read(content + b"x"))


def test_a_file_object_is_read_from_its_position_unless_it_is_closed():
    stream = io.BytesIO(b"before" + encoded(gradient(), "PNG"))
    stream.seek(6)
    np.testing.assert_array_equal(read_image(stream), np.asarray(gradient()))
    stream.close()
    with pytest.raises(ImageError, match="closed file"):
        read_image(stream)


def test_paths_that_are_not_files_are_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, expected in {
        "loop": "Too many levels of symbolic links",
        "missing": "No such file",
        "folder": "received a folder",
        "pipe": "received a device, pipe or socket",
        "null\0byte": "null",
    }.items():
        with pytest.raises(ImageError, match=expected):
            read_image(tmp_path / name)


SEEDS = [encoded(gradient(), file_format) for file_format in FORMATS]
SEEDS += [encoded(gradient("RGBA"), "PNG"), encoded(gradient("P"), "PNG", optimize=True)]
SEEDS += [encoded(gradient(), "TIFF", compression=name) for name in ("tiff_lzw", "jpeg")]
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SEEDS), CHANGES, st.integers(0, 10_000))
def test_changed_bytes_give_an_image_or_an_image_error(content, changes, end):
    changed = bytearray(content)
    for position, value in changes:
        changed[position % len(changed)] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = read_image(changed[: max(1, end)])
        except ImageError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert pixels.dtype == np.uint8
