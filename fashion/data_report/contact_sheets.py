"""Contact sheets: some images of each class, and pairs of alike images side by side."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fashion.plots.style import IMAGE_STYLE, caption, new_figure

ROWS = 20  # classes in a column, until there are four
COLUMNS = 4
FEWEST = 3  # images of a class, of those with so many
SIDE = 0.5  # inches of an image
PIXELS = 64  # of a side; larger images are reduced
GAP = 2
NAME = 2.3  # inches of a name and a count
PAIR_COLUMNS = 6
PAIRED = 13  # characters of a class of a pair
WHITE = 255


def spread(labels: np.ndarray, label: int, count: int) -> np.ndarray:
    """At most `count` rows (int) with `label`, evenly spread over all that have it."""
    rows = np.flatnonzero(labels == label)
    return rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


def per_class(classes: int, count: int) -> tuple[int, int]:
    """The columns of a sheet, and how many of `count` images of a class have room there."""
    columns = min(COLUMNS, -(-classes // ROWS))
    return columns, min(count, max(FEWEST, count // columns))


def contact_sheet(
    images: Sequence[Sequence[np.ndarray]],
    names: Sequence[str],
    totals: Sequence[int],
    title: str,
    cmap: str,
) -> Figure:
    """A row of images for each class, with its name and how many of it there are in `totals`.

    `images` has some (each uint8 [height, width] or [..., 3]) for each class. `cmap` is the colour
    map of greyscale images.
    """
    longest = max(map(len, images))
    columns = per_class(len(names), longest)[0]
    rows = -(-len(names) // columns)
    height, width = small(images[0][0]).shape[:2]
    inch = SIDE / max(height, width)
    with mpl.rc_context(IMAGE_STYLE):
        figure = new_figure(
            max(6.0, columns * (NAME + longest * (width + GAP) * inch)),
            rows * (height + GAP) * inch + 0.5,
        )
        for column, axes in enumerate(figure.subplots(1, columns, squeeze=False)[0]):
            part = slice(column * rows, (column + 1) * rows)
            _show(axes, mosaic(images[part], rows, longest), cmap)
            places = (np.arange(len(names[part])) + 0.5) * (height + GAP) - 0.5
            labels = [
                f"{caption(n)}  {t:,}" for n, t in zip(names[part], totals[part], strict=True)
            ]
            axes.set_yticks(places, labels)
        figure.suptitle(title, fontweight="bold", parse_math=False)
    return figure


def mosaic(images: Sequence[Sequence[np.ndarray]], rows: int, columns: int) -> np.ndarray:
    """`rows` by `columns` images on white, those of each item in a row of their own."""
    height, width, *channels = small(images[0][0]).shape
    tall, wide = height + GAP, width + GAP
    sheet = np.full((rows * tall, columns * wide, *channels), np.nan)
    for row, several in enumerate(images):
        for column, image in enumerate(several):
            top, left = row * tall, column * wide
            sheet[top : top + height, left : left + width] = small(image)
    return sheet


def small(image: np.ndarray) -> np.ndarray:
    """`image` (uint8 [height, width] or [..., 3]) reduced to `PIXELS` a side, by square means."""
    step = -(-max(image.shape[:2]) // PIXELS)
    height, width = (size // step for size in image.shape[:2])
    squares = image[: height * step, : width * step].reshape(height, step, width, step, -1)
    return squares.mean(axis=(1, 3)).astype(np.uint8).reshape(height, width, *image.shape[2:])


def pair_sheet(
    pairs: Sequence[Sequence[np.ndarray]], table: pd.DataFrame, title: str, cmap: str
) -> Figure:
    """Both images of each pair (each uint8 [height, width] or [..., 3]) side by side.

    `table` has a row for each: `kind`, `distance` and `split_1`, `class_1`, `split_2`, `class_2`.
    """
    rows = max(1, -(-len(pairs) // PAIR_COLUMNS))
    with mpl.rc_context(IMAGE_STYLE):
        figure = new_figure(1.9 * PAIR_COLUMNS, 1.45 * rows + 0.4)
        grid = figure.subplots(rows, PAIR_COLUMNS, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, both, row in zip(grid, pairs, table.to_dict("records"), strict=False):
            axes.set_axis_on()
            _show(axes, mosaic([both], 1, 2), cmap)
            axes.set_title(pair_caption(row), fontsize=7, fontweight="normal")
        figure.suptitle(title, fontweight="bold", parse_math=False)
    return figure


def pair_caption(row: Mapping[Hashable, Any]) -> str:
    """What a pair has in common, where its images are, and which classes they have."""
    first, second = (caption(str(row[f"class_{n}"]), PAIRED) for n in (1, 2))
    classes = first if row["class_1"] == row["class_2"] else f"{first} / {second}"
    kind = f"near {row['distance']:.1f}" if row["kind"] == "near" else row["kind"]
    return f"{kind}: {row['split_1']}, {row['split_2']}\n{classes}"


def _show(axes: Axes, sheet: np.ndarray, cmap: str) -> None:
    """Draw `sheet` (float, 0 to 255; NaN is white)."""
    if sheet.shape[2:]:  # in colour, where NaN would be black
        sheet = np.where(np.isnan(sheet), WHITE, sheet).astype(np.uint8)
    axes.imshow(sheet, cmap=cmap, vmin=0, vmax=WHITE, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
