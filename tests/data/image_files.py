"""Images of some classes, in folders, for tests."""

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ((220, 30, 30), (30, 200, 60), (20, 40, 220), (240, 240, 20), (0, 0, 0))


def draw(label, seed, size=None, mode="RGB"):
    """A square of the colour of `label` on noise; from 8 to 16 pixels a side."""
    rng = np.random.default_rng(seed)
    width, height = size or rng.integers(8, 17, 2)
    pixels = rng.integers(100, 160, (height, width, 3), dtype=np.uint8)
    pixels[2:-2, 2:-2] = COLOURS[label % len(COLOURS)]
    pixels[0, 0], pixels[-1, -1] = 0, 255
    return Image.fromarray(pixels).convert(mode)


def write_class(folder, label, count, first=0):
    """`count` images of `label` in `folder`, of several formats."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        suffix = ("png", "jpg", "webp", "bmp")[number % 4]
        draw(label, 1000 * label + number).save(folder / f"{number}.{suffix}")


def write_classes(folder, counts, first=0):
    """As many images of each class as `counts` (by name) says; labels are in sorted order."""
    for label, name in enumerate(sorted(counts)):
        write_class(Path(folder) / name, label, counts[name], first)
