"""Sprites: many images side by side in one file, so that browsers request few files.

Small images are shown exactly, in PNG files. Large ones are reduced, and in WebP files, which are a
tenth as large.
"""

import zlib
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fashion.io.files import replacing

MAX_IMAGES = 100  # per file, so that a view of ten scattered images loads at most ten small files
MAX_PIXELS = 8_000_000
MAX_SIDE = 96  # as many pixels as the page shows; larger images are reduced
QUALITY = 80  # of WebP


def write_sprites(
    site: Path, name: str, images: np.ndarray, indices: np.ndarray | None = None
) -> dict[str, Any]:
    """Write `images/NAME-*` in `site` and return `Sprites` of `types.d.ts`.

    `images` is uint8 [count, height, width] or [count, height, width, 3]; `indices` (int64) selects
    images in its order, or None for all.
    """
    indices = np.arange(len(images)) if indices is None else indices
    factor = -(-max(images.shape[1:3]) // MAX_SIDE)
    height, width = (-(-side // factor) for side in images.shape[1:3])
    suffix = "png" if factor == 1 else "webp"
    per_file = max(1, min(len(indices), MAX_IMAGES, MAX_PIXELS // (height * width)))
    columns = max(1, round(sqrt(per_file * height / width)))  # makes the file nearly square
    files: list[str] = []
    for start in range(0, len(indices), per_file):
        files.append(f"images/{name}-{len(files):03}.{suffix}")
        chosen = (Image.fromarray(images[i]) for i in indices[start : start + per_file])
        pixels = arrange(np.stack([np.asarray(image.reduce(factor)) for image in chosen]), columns)
        with replacing(site / files[-1]) as partial:
            # Z_RLE is 15 times as fast as `optimize=True` and makes files of the same size.
            options = {"compress_type": zlib.Z_RLE} if suffix == "png" else {"quality": QUALITY}
            Image.fromarray(pixels).save(partial, suffix, **options)
    return {
        "files": files,
        "per_file": per_file,
        "columns": columns,
        "height": height,
        "width": width,
    }


def arrange(images: np.ndarray, columns: int) -> np.ndarray:
    """Lay `images` out from left to right in rows of `columns`; the rest of the last row is 0."""
    count, height, width, *channels = images.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, height, width, *channels), np.uint8)
    cells[:count] = images
    cells = cells.reshape(rows, columns, height, width, *channels).swapaxes(1, 2)
    return cells.reshape(rows * height, columns * width, *channels)
