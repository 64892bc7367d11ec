"""Decodes image files in threads and preprocesses them to one shape.

The result goes to an unnamed temporary file, so memory does not grow with the number of images.
"""

import os
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from fashion.data.checks import DatasetError
from fashion.data.splits import SIZE, ImageList, Split
from fashion.names import with_plural
from fashion_predict.images.errors import ImageError
from fashion_predict.images.reading import read_image
from fashion_predict.images.resizing import PREPROCESSING

CHUNK = 256  # images
THREADS = min(8, os.cpu_count() or 1)  # Pillow releases the GIL while it decodes
MAX_NAMED = 5  # skipped images that a message names


def decode_all(
    image_lists: Mapping[str, ImageList],
    shape: tuple[int, ...],
    preprocessing: str,
    scratch: str | Path,
    *,
    skip_unreadable: bool,
) -> dict[str, Split]:
    """Decode the images of each list, as `decode` does.

    Raises `DatasetError` with a line per image that cannot be read. If `skip_unreadable`, it
    leaves these images out and prints how many and which.
    """
    decoded = {
        split: decode(images, shape, preprocessing, scratch)
        for split, images in image_lists.items()
    }
    errors = [str(error) for _, errors in decoded.values() for error in errors]
    unreadable = with_plural(len(errors), "image")
    if errors and not skip_unreadable:
        raise DatasetError(
            "\n".join(errors) + f"\n{unreadable} cannot be read: replace or remove them, or set "
            "`unreadable: skip` under preprocess in params.yaml to skip them"
        )
    if errors:
        more = "; ..." if len(errors) > MAX_NAMED else ""
        total = sum(len(images.files) for images in image_lists.values())
        print(f"skipped {unreadable} of {total}: {'; '.join(errors[:MAX_NAMED])}{more}")
    return {split: images for split, (images, _) in decoded.items()}


def decode(
    images: ImageList, shape: tuple[int, ...], preprocessing: str, scratch: str | Path
) -> tuple[Split, list[ImageError]]:
    """Return the images that can be read, and an error for each of the others.

    `shape` is (height, width) or (height, width, 3), and `preprocessing` a key of `PREPROCESSING`.
    The temporary file is in the folder `scratch` and disappears with the returned array.
    """
    with TemporaryFile(dir=scratch) as stream:
        sizes, errors = _write(images, shape, preprocessing, stream)
        is_read = sizes[:, 0] > 0
        files = list(compress(images.files, is_read))
        pixels = np.empty((0, *shape), np.uint8)
        if files:
            stream.flush()
            pixels = np.memmap(stream, np.uint8, "r", shape=(len(files), *shape))
    return Split(pixels, images.labels[is_read], files, sizes[is_read]), errors


def _write(
    images: ImageList, shape: tuple[int, ...], preprocessing: str, stream: BinaryIO
) -> tuple[np.ndarray, list[ImageError]]:
    """Append the images to `stream`; return their sizes (int32 [files, 3], 0 if unreadable)."""
    decode_file = partial(_decode_file, shape=shape, preprocessing=preprocessing)
    sizes = np.zeros((len(images.files), len(SIZE)), np.int32)
    errors = []
    with ThreadPoolExecutor(THREADS) as threads, warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", module="PIL"
        )  # Pillow warns about files that it reads anyway
        for start in range(0, len(sizes), CHUNK):
            paths = [images.raw / name for name in images.files[start : start + CHUNK]]
            for index, result in enumerate(threads.map(decode_file, paths), start):
                if isinstance(result, ImageError):
                    errors.append(result)
                else:
                    stream.write(result[0].data)
                    sizes[index] = result[1]
    return sizes, errors


def _decode_file(
    path: Path, shape: tuple[int, ...], preprocessing: str
) -> tuple[np.ndarray, tuple[int, ...]] | ImageError:
    """The preprocessed image and the (height, width, channels) of the file, or the error."""
    try:
        pixels = read_image(path)
    except ImageError as error:
        return error
    try:
        image = PREPROCESSING[preprocessing](pixels, shape)
    except ImageError as error:
        return ImageError(error.reason, path)
    return np.ascontiguousarray(image), (*pixels.shape, 1)[: len(SIZE)]
