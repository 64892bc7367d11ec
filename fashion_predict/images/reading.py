"""Read images of the common formats.

The formats are an allow-list, since Pillow would hand PostScript to Ghostscript. From an animation
or a file with several pages, the first image is read. The orientation in EXIF is applied; colour
profiles are ignored.
"""

import io
import os
import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from fashion_predict.images.errors import ImageError
from fashion_predict.images.pixels import WHITE

ImageInput = str | os.PathLike | bytes | bytearray | io.IOBase | Image.Image | np.ndarray

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF")
JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
PORTABLE = (".ppm", ".pgm", ".pbm", ".pnm")
SUFFIXES = (*JPEG, *PORTABLE, ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".avif")
MAX_PIXELS = 64_000_000  # more than the 8,160 x 6,120 of a telephone; takes about 1 GB of memory
MAX_BYTES = 500_000_000
WHITES = (1, WHITE, 65535)  # possible values of white in floats and 32-bit integers

# Pillow has no common base class for the errors of broken files. 60,000 randomly changed files
# raised OSError, ValueError, RuntimeError, SyntaxError or TypeError; decoders may raise the others.
DECODER_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
BOMB_ERRORS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def read_image(image: ImageInput) -> np.ndarray:
    """Return the pixels: uint8 [height, width] (greyscale), or with a last axis for RGB or RGBA.

    `image` is a path, bytes, a binary file object (read from its present position), a Pillow image
    or an array, which is returned unchanged.

    Raises `ImageError`, which names the file, if it cannot be read.

    >>> read_image(Image.new("RGB", (3, 2), "white")).shape
    (2, 3, 3)
    """
    if isinstance(image, np.ndarray):
        return image
    if isinstance(image, Image.Image):
        return _pixels(image)
    if isinstance(image, io.BufferedIOBase | io.RawIOBase):
        image = _read_stream(image)
    if isinstance(image, bytes | bytearray):
        return _decode(io.BytesIO(image), len(image))
    if not isinstance(image, str | os.PathLike):
        expected = "a path, bytes, a binary file object, a Pillow image or an array"
        raise ImageError(f"expected {expected}, received {type(image).__name__}")
    try:
        return _read_file(image)
    except ImageError as error:
        raise ImageError(error.reason, image) from error


def _read_stream(stream: io.BufferedIOBase | io.RawIOBase) -> bytes:
    try:
        return stream.read(MAX_BYTES + 1) or b""
    except (OSError, ValueError) as error:  # ValueError: a closed file
        raise ImageError(str(error)) from error


def _read_file(path: str | os.PathLike[str]) -> np.ndarray:
    try:
        status = Path(path).stat()  # before opening: opening a pipe waits for a writer
        if not stat.S_ISREG(status.st_mode):
            found = "a folder" if stat.S_ISDIR(status.st_mode) else "a device, pipe or socket"
            raise ImageError(f"expected an image, received {found}")
        with Path(path).open("rb") as stream:
            return _decode(stream, status.st_size)
    except OSError as error:
        raise ImageError(error.strerror or str(error)) from error
    except ValueError as error:  # a null byte in the name
        raise ImageError(str(error)) from error


def _decode(stream: BinaryIO, size: int) -> np.ndarray:
    if not size:
        raise ImageError("expected an image, received an empty file")
    if size > MAX_BYTES:
        raise ImageError(f"larger than {MAX_BYTES:,} bytes; reduce it")
    try:
        with Image.open(stream, formats=FORMATS) as image:
            return _pixels(image)
    except Image.UnidentifiedImageError as error:
        formats = ", ".join(FORMATS)
        raise ImageError(f"expected one of {formats}, received another or a broken file") from error
    except BOMB_ERRORS as error:
        raise ImageError(f"more than {MAX_PIXELS:,} pixels; reduce it") from error
    except DECODER_ERRORS as error:
        raise ImageError(f"broken or cut off: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def _pixels(image: Image.Image) -> np.ndarray:
    """Check the size and decode all pixels."""
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(f"{image.width:,} x {image.height:,} pixels; reduce it")
    try:
        image.load()  # Image.verify accepts a truncated JPEG
        return _eight_bits(ImageOps.exif_transpose(image))
    except DECODER_ERRORS as error:
        raise ImageError(f"broken or cut off: {_first_line(error)}") from error


def _eight_bits(image: Image.Image) -> np.ndarray:
    """Convert to 8 bits; scale 16 bits, 32 bits and floats, which Pillow's `convert` would clip.

    16 bits are divided by 257. For 32 bits and floats, white is the first of 1 (floats only), 255
    and 65535 that no pixel exceeds, else the largest pixel.
    """
    if image.mode.startswith("I;16"):
        return ((np.asarray(image).astype(np.uint32) + 128) // 257).astype(np.uint8)
    if image.mode in ("I", "F"):
        values = np.asarray(image, np.float64)
        if not np.isfinite(values).all():
            raise ImageError("some pixels are not finite numbers")
        highest = values.max()
        white = next((w for w in WHITES[image.mode == "I" :] if highest <= w), highest)
        return np.rint(values.clip(0, white) * (WHITE / white)).astype(np.uint8)
    mode = "L" if image.mode in ("1", "L") else "RGB"
    if image.has_transparency_data:
        mode = "RGBA"
    return np.asarray(image if image.mode == mode else image.convert(mode))
