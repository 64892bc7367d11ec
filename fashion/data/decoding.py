"""Images to images of one size: decoded in threads, prepared, and written one after the other.

No more than a chunk of images is in memory, whatever the number of images.
"""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from fashion.data.folders import ImageList
from fashion.data.parts import SIZE, Part
from fashion_predict.images.errors import ImageError
from fashion_predict.images.reading import read_image
from fashion_predict.images.resizing import PREPROCESSING

CHUNK = 256  # images
READERS = min(8, os.cpu_count() or 1)  # decoding runs beside Python in Pillow


def decode(
    listed: ImageList, shape: tuple[int, ...], preprocessing: str, scratch: str | Path
) -> tuple[Part, list[ImageError]]:
    """The part of the images that can be read, and what is wrong with each of the others.

    `shape` is that of an image, `preprocessing` a key of `PREPROCESSING`. The
    images are in a file in the folder `scratch` that has no name, and ends with them.
    """
    with TemporaryFile(dir=scratch) as stream:
        sizes, errors = _write(listed, shape, preprocessing, stream)
        is_read = sizes[:, 0] > 0
        files = list(compress(listed.files, is_read))
        images = np.empty((0, *shape), np.uint8)
        if files:
            stream.flush()
            images = np.memmap(stream, np.uint8, "r", shape=(len(files), *shape))
    return Part(images, listed.labels[is_read], files, sizes[is_read]), errors


def _write(
    listed: ImageList, shape: tuple[int, ...], preprocessing: str, stream: BinaryIO
) -> tuple[np.ndarray, list[ImageError]]:
    """Append images to `stream`; give the sizes (int32 [files, 3]), 0 of those unreadable."""
    one = partial(_decode_one, shape=shape, preprocessing=preprocessing)
    sizes = np.zeros((len(listed.files), len(SIZE)), np.int32)
    errors = []
    with ThreadPoolExecutor(READERS) as readers, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # of files that it reads all the same
        for start in range(0, len(sizes), CHUNK):
            paths = [listed.raw / name for name in listed.files[start : start + CHUNK]]
            for row, result in enumerate(readers.map(one, paths), start):
                if isinstance(result, ImageError):
                    errors.append(result)
                else:
                    stream.write(result[0].data)
                    sizes[row] = result[1]
    return sizes, errors


def _decode_one(
    path: Path, shape: tuple[int, ...], preprocessing: str
) -> tuple[np.ndarray, tuple[int, ...]] | ImageError:
    try:
        pixels = read_image(path)
    except ImageError as error:
        return error
    try:
        image = PREPROCESSING[preprocessing](pixels, shape)
    except ImageError as error:
        return ImageError(f"{path}: {error}")
    size = pixels.shape if len(pixels.shape) == len(SIZE) else (*pixels.shape, 1)
    return np.ascontiguousarray(image), size
