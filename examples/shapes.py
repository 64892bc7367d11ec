"""Draws a small dataset to try docs/own-data.md with: seven shapes in random colours.

Out: `FOLDER/train/CLASS/*` and `FOLDER/test/CLASS/*`, 120 and 40 images of each class, of 40 to
80 pixels a side, in PNG, JPEG and WebP, the same in every run. `examples/shapes.yaml` has the
matching lines of `params.yaml`. Run: `python examples/shapes.py data/raw`.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

COUNTS = {"train": 120, "test": 40}
SIDES = 40, 80  # pixels, shortest and longest
OVERSAMPLING = 4  # draws larger and reduces, for smooth edges
NOISE = 8  # standard deviation in grey levels
MIN_CONTRAST = 60  # grey levels
FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("png", {}),
    ("jpg", {"quality": 90}),
    ("webp", {"quality": 90}),
)
Points = list[tuple[float, float]]
Shape = Callable[[float], list[Points]]


def circle(turn: float) -> list[Points]:
    """A disc. A shape is the first polygon without the second, if there are two."""
    return [around(np.ones(60), turn)]


def ring(turn: float) -> list[Points]:
    """A disc with a hole."""
    return [around(np.ones(60), turn), around(np.full(60, 0.55), turn)]


def half_moon(turn: float) -> list[Points]:
    """A disc without another disc beside its centre."""
    shift = 0.5 * np.array([np.sin(turn), np.cos(turn)])
    return [around(np.ones(60), turn), [tuple(p + shift) for p in around(np.full(60, 0.8), turn)]]


def square(turn: float) -> list[Points]:
    """Four equal sides."""
    return [around(np.ones(4), turn)]


def triangle(turn: float) -> list[Points]:
    """Three equal sides."""
    return [around(np.ones(3), turn)]


def star(turn: float) -> list[Points]:
    """Five points."""
    return [around(np.where(np.arange(10) % 2, 0.42, 1.0), turn)]


def cross(turn: float) -> list[Points]:
    """Two bars."""
    corner = np.array([(-0.3, 1.0), (0.3, 1.0), (0.3, 0.3)])
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in quarters(turn)]
    return [[tuple(point) for rotation in turns for point in corner @ rotation]]


def quarters(turn: float) -> np.ndarray:
    """Four right angles, clockwise from `turn`."""
    return turn + np.pi / 2 * np.arange(4)


SHAPES = {
    "circle": circle,
    "cross": cross,
    "half moon": half_moon,
    "ring": ring,
    "square": square,
    "star": star,
    "triangle": triangle,
}


def around(radius: np.ndarray, turn: float) -> Points:
    """Points at equal angles, at the distances `radius` (float [points]) from the centre."""
    angle = turn + 2 * np.pi * np.arange(len(radius)) / len(radius)
    return list(zip(radius * np.sin(angle), radius * np.cos(angle), strict=True))


def main(folder: str | Path, counts: dict[str, int] | None = None) -> None:
    """Write the images below `folder`: for each split, `counts` of each class."""
    for split, count in (counts or COUNTS).items():
        for name, shape in SHAPES.items():
            for number, image in enumerate(draw_images(f"{split}/{name}", shape, count)):
                suffix, options = FORMATS[number % len(FORMATS)]
                path = Path(folder) / split / name / f"{number:03d}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                image.save(path, **options)


def draw_images(seed: str, shape: Shape, count: int) -> Iterator[Image.Image]:
    """Draw `count` images of `shape` with random positions, sizes and colours."""
    rng = np.random.default_rng(list(seed.encode()))
    for _ in range(count):
        size = rng.integers(SIDES[0], SIDES[1], 2, endpoint=True)
        background, colour = random_colours(rng)
        radius = OVERSAMPLING * min(size) * rng.uniform(0.26, 0.45)
        centre = [rng.uniform(radius, OVERSAMPLING * side - radius) for side in size]
        canvas = Image.new("RGB", tuple(OVERSAMPLING * size), background)
        draw = ImageDraw.Draw(canvas)
        for polygon, fill in zip(
            shape(rng.uniform(0, 2 * np.pi)), (colour, background), strict=False
        ):
            points = [(centre[0] + radius * x, centre[1] + radius * y) for x, y in polygon]
            draw.polygon(points, fill=fill)
        pixels = np.asarray(canvas.reduce(OVERSAMPLING)) + rng.normal(
            0, NOISE, (size[1], size[0], 3)
        )
        yield Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def random_colours(rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A colour for the background, and a lighter one for the shape."""
    while True:
        background, shape = rng.integers(0, 256, (2, 3))
        if (shape - background).mean() > MIN_CONTRAST:
            return tuple(background.tolist()), tuple(shape.tolist())


if __name__ == "__main__":
    main(sys.argv[1])
