"""Opens an image of any common format, and nothing that is not one.

In: a path, bytes, a binary file object, a Pillow image or an array. Out: its pixels, uint8
[height, width] (greyscale), [height, width, 3] (RGB) or [height, width, 4] (RGBA). Everything that
fails is a `ImageError`.

Formats are an allow-list: Pillow would hand PostScript to Ghostscript. Of an animation or of
several pages the first image counts. Orientation from EXIF is applied, colour profiles are not.
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

ImageInput = str | os.PathLike | bytes | bytearray | io.IOBase | Image.Image | np.ndarray

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF")
JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
PORTABLE = (".ppm", ".pgm", ".pbm", ".pnm")
SUFFIXES = (*JPEG, *PORTABLE, ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".avif")
MAX_PIXELS = 64_000_000  # above the 8,160 x 6,120 of a telephone, about 1 GB of memory
MAX_BYTES = 500_000_000
WHITE = 255
WHITES = (1, WHITE, 65535)  # what white may be in integers of 32 bits and in floats

# Pillow has no family of errors for broken files: of 60,000 changed ones came OSError, ValueError,
# RuntimeError, SyntaxError and TypeError; its decoders may raise the others, too.
BROKEN = (
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
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def read_image(image: ImageInput) -> np.ndarray:
    """The pixels of `image`; an array of uint8 is returned as it is.

    A file object is read from where it stands. Raises `ImageError`, which names the file.

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
    except (OSError, ValueError) as error:  # such as a closed one
        raise ImageError(str(error)) from error


def _read_file(path: str | os.PathLike[str]) -> np.ndarray:
    try:
        status = Path(path).stat()  # opening a pipe would wait for someone to write
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a device, pipe or socket"
            raise ImageError(f"expected an image, received {kind}")
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
        known = ", ".join(FORMATS)
        raise ImageError(f"expected one of {known}, received another or a broken file") from error
    except BOMB as error:
        raise ImageError(f"more than {MAX_PIXELS:,} pixels; reduce it") from error
    except BROKEN as error:
        raise ImageError(f"broken or cut off: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def _pixels(image: Image.Image) -> np.ndarray:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(f"{image.width:,} x {image.height:,} pixels; reduce it")
    try:
        image.load()  # `verify` passes a JPEG that is cut off
        return _eight_bits(ImageOps.exif_transpose(image))
    except BROKEN as error:
        raise ImageError(f"broken or cut off: {_first_line(error)}") from error


def _eight_bits(image: Image.Image) -> np.ndarray:
    """What Pillow's `convert` would saturate is scaled: 16 bits by 1 / 257, the rest by its white.

    White of 32 bits or floats is the smallest of 1 (floats only), 255, 65535 and the largest value
    that no value exceeds.
    """
    if image.mode.startswith("I;16"):
        return ((np.asarray(image).astype(np.uint32) + 128) // 257).astype(np.uint8)
    if image.mode in ("I", "F"):
        values = np.asarray(image, np.float64)
        if not np.isfinite(values).all():
            raise ImageError("some pixels are not finite numbers")
        top = values.max()
        white = next((w for w in WHITES[image.mode == "I" :] if top <= w), top)
        return np.rint(values.clip(0, white) * (WHITE / white)).astype(np.uint8)
    transparent = image.has_transparency_data
    mode = "RGBA" if transparent else "L" if image.mode in ("1", "L") else "RGB"
    return np.asarray(image if image.mode == mode else image.convert(mode))
