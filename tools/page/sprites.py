"""Sheets: many images side by side in one PNG file, so that a browser asks for few files.

Z_RLE, since 1,000 images of Fashion-MNIST take 404 kB and 0.03 s with it; `optimize=True` makes
that 408 kB and 0.46 s.
"""

import zlib
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fashion.io.files import replacing

MOST_IMAGES = 100  # in a file: who looks at ten images spread over the data loads ten files
MOST_PIXELS = 8_000_000


def write_sprites(
    site: Path, name: str, images: np.ndarray, rows: np.ndarray | None = None
) -> dict[str, Any]:
    """Write `images/NAME-*.png` below `site`; returns the `Sheet` of `types.d.ts` about them.

    `images` is uint8 [count, height, width] or [count, height, width, 3]; `rows` (int64) are
    those to write, in their order, or None for all.
    """
    rows = np.arange(len(images)) if rows is None else rows
    height, width = images.shape[1:3]
    per_file = max(1, min(len(rows), MOST_IMAGES, MOST_PIXELS // (height * width)))
    columns = max(1, round(sqrt(per_file * height / width)))  # about as high as wide
    files: list[str] = []
    for start in range(0, len(rows), per_file):
        files.append(f"images/{name}-{len(files):03}.png")
        sheet = arrange(np.asarray(images[rows[start : start + per_file]]), columns)
        with replacing(site / files[-1]) as unfinished:
            Image.fromarray(sheet).save(unfinished, "PNG", compress_type=zlib.Z_RLE)
    return {
        "files": files,
        "per_file": per_file,
        "columns": columns,
        "height": height,
        "width": width,
    }


def arrange(images: np.ndarray, columns: int) -> np.ndarray:
    """`images` from left to right in rows of `columns`; places that are left are black."""
    count, height, width, *channels = images.shape
    lines = -(-count // columns)
    cells = np.zeros((lines * columns, height, width, *channels), np.uint8)
    cells[:count] = images
    cells = cells.reshape(lines, columns, height, width, *channels).swapaxes(1, 2)
    return cells.reshape(lines * height, columns * width, *channels)
