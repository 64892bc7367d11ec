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

from fashion_predict import ImageError, images
from fashion_predict.images.reading import FORMATS, SUFFIXES, read_image

GRADIENT = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30) * 109


def image(mode="RGB"):
    return Image.fromarray((GRADIENT // 257).astype(np.uint8)).convert(mode)


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_allowed_format_is_read(kind):
    pixels = read_image(encoded(image(), kind))
    assert pixels.dtype == np.uint8
    assert pixels.shape[:2] == (20, 30)
    grey = pixels if pixels.ndim == 2 else pixels[..., 0]
    assert np.abs(grey.astype(int) - GRADIENT // 257).mean() < 3


def test_every_suffix_that_folders_are_searched_for_is_of_an_allowed_format():
    registered = Image.registered_extensions()
    assert {registered[suffix] for suffix in SUFFIXES} == set(FORMATS)


@pytest.mark.parametrize(
    ("image", "shape"),
    [
        (image("L"), ()),
        (image("1"), ()),
        (image("P"), (3,)),
        (image("CMYK"), (3,)),
        (image("YCbCr"), (3,)),
        (image("LAB"), (3,)),
        (image("HSV"), (3,)),
        (image("LA"), (4,)),
        (image("RGBA"), (4,)),
        (image("RGBA").convert("RGBa"), (4,)),
    ],
)
def test_every_mode_becomes_grey_colour_or_colour_and_alpha(image, shape):
    assert read_image(image).shape == (20, 30, *shape)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_saturated(kind):
    pixels = read_image(encoded(Image.fromarray(GRADIENT), kind))
    np.testing.assert_array_equal(pixels, (GRADIENT.astype(int) + 128) // 257)


@pytest.mark.parametrize(
    ("dtype", "white"), [(np.float32, 1), (np.float32, 255), (np.float32, 7e4), (np.int32, 65535)]
)
def test_floats_and_32_bits_are_scaled_by_their_white(dtype, white):
    values = (GRADIENT / GRADIENT.max() * white).astype(dtype)
    values[0, 0] = -values.max()
    pixels = read_image(encoded(Image.fromarray(values), "TIFF"))
    expected = np.rint(GRADIENT / GRADIENT.max() * 255)
    assert np.abs(pixels - expected).max() <= 1
    assert pixels[0, 0] == 0


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        (np.float32, [0, 0.5, 1], [0, 128, 255]),
        (np.float32, [-1, 1.5, 2], [0, 2, 2]),
        (np.float32, [0, 127, 255], [0, 127, 255]),
        (np.float32, [0, 0, 0], [0, 0, 0]),
        (np.float32, [-2, -2, -1], [0, 0, 0]),
        (np.int32, [0, 0, 1], [0, 0, 1]),
        (np.int32, [-9, 128, 255], [0, 128, 255]),
        (np.int32, [0, 257, 514], [0, 1, 2]),
        (np.int32, [257, 32768, 65535], [1, 128, 255]),
        (np.int32, [65406, 65407, 65535], [254, 255, 255]),  # 257 * 254.5 lies between
        (np.int32, [0, 32768, 65536], [0, 128, 255]),  # 127.5, to the even one
        (np.float32, [1000, 50_000, 100_000], [3, 128, 255]),
    ],
)
def test_white_is_the_smallest_usual_value_that_none_exceeds(dtype, values, expected):
    image = Image.fromarray(np.array([values], dtype))
    assert read_image(image).tolist() == [expected]


def test_floats_that_are_not_finite_are_refused():
    values = np.full((3, 3), np.nan, np.float32)
    with pytest.raises(ImageError, match="not finite"):
        read_image(encoded(Image.fromarray(values), "TIFF"))


def test_a_transparent_colour_of_a_palette_and_of_grey_is_transparent():
    palette = Image.new("P", (4, 4), 1)
    palette.putpixel((0, 0), 0)
    for image, none in ((palette, 0), (Image.new("L", (4, 4), 9), 9)):
        pixels = read_image(encoded(image, "PNG", transparency=none))
        assert pixels.shape == (4, 4, 4)
        assert pixels[0, 0, 3] == 0


def test_orientation_from_exif_is_applied():
    exif = Image.Exif()
    exif[274] = 6  # the camera was turned
    upright = read_image(encoded(image(), "PNG", exif=exif))
    np.testing.assert_array_equal(upright, np.rot90(read_image(image()), -1))


def test_of_an_animation_the_first_image_counts():
    frames = [Image.new("L", (5, 5), value) for value in (10, 200)]
    pixels = read_image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert np.unique(pixels).tolist() == [10]


def png_that_claims(width, height):
    parts = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0), b"IDAT" + bytes(9)]
    sizes = [struct.pack(">I", len(part) - 4) for part in parts]
    crcs = [struct.pack(">I", zlib.crc32(part)) for part in parts]
    chunks = zip(sizes, parts, crcs, strict=True)
    return b"\x89PNG\r\n\x1a\n" + b"".join(b"".join(chunk) for chunk in chunks)


BAD_CONTENT = {
    "empty": (b"", "empty file"),
    "noise": (bytes(range(256)), "expected one of PNG.*another or a broken file"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "expected one of PNG"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "expected one of PNG"),
    "PDF": (b"%PDF-1.7\n", "expected one of PNG"),
    "text": (b"a shoe\n", "expected one of PNG"),
    "large": (png_that_claims(9000, 9000), "9,000 x 9,000 pixels; reduce it"),
    "larger": (png_that_claims(12000, 12000), "pixels; reduce it"),
    "bomb": (png_that_claims(50000, 50000), "more than 64,000,000 pixels; reduce it"),
}


@pytest.mark.parametrize("kind", BAD_CONTENT)
@pytest.mark.parametrize("suffix", ["jpg", "eps"])
def test_what_is_no_image_is_one_line_whatever_its_name(tmp_path, kind, suffix):
    content, expected = BAD_CONTENT[kind]
    path = tmp_path / f"file.{suffix}"
    path.write_bytes(content)
    for source, start in ((path, f"{path}: "), (content, "")):
        with pytest.raises(ImageError, match=expected) as caught:
            read_image(source)
        assert str(caught.value).startswith(start)
        assert "\n" not in str(caught.value)


def test_the_largest_image_has_64_million_pixels():
    with pytest.raises(ImageError, match=r"^broken or cut off: "):
        read_image(png_that_claims(8000, 8000))
    with pytest.raises(ImageError, match=r"^8,000 x 8,001 pixels; reduce it$"):
        read_image(png_that_claims(8000, 8001))


def test_the_largest_file_has_500_million_bytes(tmp_path):
    path = tmp_path / "large.png"
    path.touch()
    for size, reason in (
        (500_000_000, "expected one of PNG"),
        (500_000_001, "larger than 500,000,000 bytes; reduce it"),
    ):
        os.truncate(path, size)  # takes no place on a disk
        with pytest.raises(ImageError, match=reason):
            read_image(path)


def test_bytes_and_file_objects_have_the_same_limit_as_files(monkeypatch):
    content = encoded(image(), "PNG")
    monkeypatch.setattr(images, "MAX_BYTES", len(content))
    for form in (content, bytearray(content), io.BytesIO(content)):
        np.testing.assert_array_equal(read_image(form), np.asarray(image()))
    for form in (content + b"x", io.BytesIO(content + b"x")):
        with pytest.raises(ImageError, match="larger than"):
            read_image(form)


def test_a_file_object_is_read_from_where_it_stands():
    content = encoded(image(), "PNG")
    stream = io.BytesIO(b"before" + content)
    stream.seek(6)
    np.testing.assert_array_equal(read_image(stream), np.asarray(image()))


def test_a_stream_that_has_nothing_yet_is_empty():
    class Waiting(io.RawIOBase):
        def read(self, size=-1):
            return None

    with pytest.raises(ImageError, match="received an empty file"):
        read_image(Waiting())


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\ntwo"), "one"),
        (KeyError(), "KeyError"),
        (ValueError("\ntwo"), "ValueError"),
    ],
)
@pytest.mark.parametrize("place", ["open", "new"])
def test_of_what_a_decoder_says_the_first_line_is_told_or_its_kind(monkeypatch, error, line, place):
    def fail(*_, **__):
        raise error

    image = image()
    monkeypatch.setattr(*((Image, "open") if place == "open" else (image, "load")), fail)
    with pytest.raises(ImageError) as caught:
        read_image(b"an image" if place == "open" else image)
    assert str(caught.value) == f"broken or cut off: {line}"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_off_is_refused(kind):
    content = encoded(image(), kind)
    with pytest.raises(ImageError, match="broken"):
        read_image(content[: len(content) * 2 // 3])


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, expected in {
        "loop": "Too many levels of symbolic links",
        "dangling": "No such file",
        "missing": "No such file",
        "folder": "received a folder",
        "pipe": "received a device, pipe or socket",
        "null\0byte": "null",
    }.items():
        with pytest.raises(ImageError, match=expected):
            read_image(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_refused(tmp_path):
    (tmp_path / "secret.png").touch(mode=0)
    with pytest.raises(ImageError, match="Permission denied"):
        read_image(tmp_path / "secret.png")


SEEDS = [encoded(image(), kind) for kind in FORMATS]
SEEDS += [encoded(image("RGBA"), "PNG"), encoded(image("P"), "PNG", optimize=True)]
SEEDS += [encoded(image(), "TIFF", compression=name) for name in ("tiff_lzw", "jpeg")]
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SEEDS), CHANGES, st.integers(0, 10_000))
def test_changed_bytes_are_a_image_or_a_image_error(content, changes, end):
    changed = bytearray(content)
    for place, value in changes:
        changed[place % len(changed)] = value
    if end < len(changed):
        del changed[end:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = read_image(bytes(changed))
        except ImageError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert pixels.dtype == np.uint8
