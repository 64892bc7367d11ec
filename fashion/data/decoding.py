"""Pictures to images of one size: decoded in threads, prepared, and written one after the other.

No more than a chunk of images is in memory, whatever the number of pictures.
"""

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from fashion.data.folders import Listed
from fashion.data.parts import Part, Size
from fashion.inference.errors import PictureError
from fashion.inference.pictures import read_picture
from fashion.inference.resizing import PREPARATIONS

CHUNK = 256  # pictures
READERS = min(8, os.cpu_count() or 1)  # decoding runs beside Python in Pillow


def decode(
    listed: Listed, shape: tuple[int, ...], preparation: str, scratch: str | Path
) -> tuple[Part, list[PictureError]]:
    """The part of the pictures that can be read, and what is wrong with each of the others.

    `shape` is that of an image, `preparation` one of `fashion.inference.resizing.PREPARATIONS`. The
    images are in a file in the folder `scratch` that has no name, and ends with them.
    """
    with TemporaryFile(dir=scratch) as stream:
        sizes, errors = _write(listed.paths, shape, preparation, stream)
        is_read = np.array([size is not None for size in sizes])
        files = [name for name, size in zip(listed.files, sizes, strict=True) if size]
        images = np.empty((0, *shape), np.uint8)
        if files:
            stream.flush()
            images = np.memmap(stream, np.uint8, "r", shape=(len(files), *shape))
    read = [size for size in sizes if size]
    return Part(images, listed.labels[is_read], files, read), errors


def _write(
    paths: Sequence[Path], shape: tuple[int, ...], preparation: str, stream: BinaryIO
) -> tuple[list[Size | None], list[PictureError]]:
    """Append the image of each of `paths` to `stream`; of each the size, None if unreadable."""
    one = partial(_decode_one, shape=shape, preparation=preparation)
    sizes: list[Size | None] = []
    errors = []
    with ThreadPoolExecutor(READERS) as readers, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # of files that it reads all the same
        for start in range(0, len(paths), CHUNK):
            for result in readers.map(one, paths[start : start + CHUNK]):
                if isinstance(result, PictureError):
                    errors.append(result)
                    sizes.append(None)
                else:
                    stream.write(result[0].data)
                    sizes.append(result[1])
    return sizes, errors


def _decode_one(
    path: Path, shape: tuple[int, ...], preparation: str
) -> tuple[np.ndarray, Size] | PictureError:
    try:
        pixels = read_picture(path)
    except PictureError as error:
        return error
    try:
        image = PREPARATIONS[preparation](pixels, shape)
    except PictureError as error:
        return PictureError(f"{path}: {error}")
    height, width, *channels = pixels.shape
    return np.ascontiguousarray(image), Size(height, width, *(channels or [1]))
