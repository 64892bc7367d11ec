"""Contact sheets: images of each class, and pairs of duplicates side by side."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fashion.data_report.duplicate_report import DuplicateReport
from fashion.io.labeled_images import LabeledImages
from fashion.plots.style import IMAGE_STYLE, caption, new_figure, safe_labels

CLASSES_PER_COLUMN = 20  # more if there are over `MAX_COLUMNS` columns
MAX_COLUMNS = 4
MIN_IMAGES = 3  # per class, unless fewer are asked for
SIDE = 0.5  # inches per image
MAX_PIXELS = 64  # per side; larger images are reduced
GAP = 2  # pixels
LETTER_WIDTH = 0.09  # inches
PAIR_COLUMNS = 6
PAIR_NAME = 13  # characters of the name of a class
WHITE = 255


def select_spread(labels: np.ndarray, label: int, count: int) -> np.ndarray:
    """Return at most `count` indices (int) of `label`, evenly spread over all its images."""
    indices = np.flatnonzero(labels == label)
    return indices[np.linspace(0, len(indices) - 1, min(count, len(indices))).astype(int)]


def sheet_layout(classes: int, count: int) -> tuple[int, int]:
    """Return the columns of a sheet, and how many of `count` images fit in the row of a class."""
    columns = min(MAX_COLUMNS, -(-classes // CLASSES_PER_COLUMN))
    return columns, min(count, max(MIN_IMAGES, count // columns))


def contact_sheet(
    split: LabeledImages,
    classes: Sequence[str],
    title: str,
    cmap: str,
    *,
    images_per_class: int,
) -> Figure:
    """Draw a row per class: its name, how many images it has, and some of these.

    `cmap` is the colour map of greyscale images.
    """
    columns, count = sheet_layout(len(classes), images_per_class)
    indices = [select_spread(split.labels, label, count) for label in range(len(classes))]
    images = [split.images[chosen] for chosen in indices]
    totals = np.bincount(split.labels, minlength=len(classes))
    names = [
        f"{caption(name)}  {total:,}"
        for name, total in zip(safe_labels(classes).values(), totals, strict=True)
    ]
    longest = max(map(len, images))
    rows = -(-len(classes) // columns)
    height, width = shrink(images[0][0]).shape[:2]
    inch = SIDE / max(height, width)
    name_width = 0.4 + LETTER_WIDTH * max(map(len, names))
    with mpl.rc_context(IMAGE_STYLE):
        figure = new_figure(
            max(6.0, columns * (name_width + longest * (width + GAP) * inch)),
            rows * (height + GAP) * inch + 0.5,
        )
        for column, axes in enumerate(figure.subplots(1, columns, squeeze=False)[0]):
            shown = slice(column * rows, (column + 1) * rows)
            _draw(axes, mosaic(images[shown], rows, longest), cmap)
            middles = (np.arange(len(names[shown])) + 0.5) * (height + GAP) - 0.5
            axes.set_yticks(middles, names[shown])
        figure.suptitle(title, fontweight="bold", parse_math=False)
    return figure


def mosaic(images: Sequence[Sequence[np.ndarray]], rows: int, columns: int) -> np.ndarray:
    """Arrange `images` in a grid, one item per row: float [height, width] or [..., 3].

    Gaps are NaN.
    """
    height, width, *channels = shrink(images[0][0]).shape
    tall, wide = height + GAP, width + GAP
    sheet = np.full((rows * tall, columns * wide, *channels), np.nan)
    for row, several in enumerate(images):
        for column, image in enumerate(several):
            top, left = row * tall, column * wide
            sheet[top : top + height, left : left + width] = shrink(image)
    return sheet


def shrink(image: np.ndarray) -> np.ndarray:
    """Reduce `image` (uint8 [height, width] or [..., 3]) to `MAX_PIXELS` a side by block means."""
    step = -(-max(image.shape[:2]) // MAX_PIXELS)
    height, width = (size // step for size in image.shape[:2])
    blocks = image[: height * step, : width * step].reshape(height, step, width, step, -1)
    return blocks.mean(axis=(1, 3)).astype(np.uint8).reshape(height, width, *image.shape[2:])


def pair_sheet(report: DuplicateReport, classes: Sequence[str], title: str, cmap: str) -> Figure:
    """Draw both images of each pair of `report` side by side, with what they have in common."""
    names = safe_labels(classes)
    table = report.pairs.replace({"class_1": names, "class_2": names})
    rows = max(1, -(-len(table) // PAIR_COLUMNS))
    with mpl.rc_context(IMAGE_STYLE):
        figure = new_figure(1.9 * PAIR_COLUMNS, 1.25 * rows + 0.35)
        grid = figure.subplots(rows, PAIR_COLUMNS, squeeze=False).ravel()
        for axes in grid[len(table) :]:
            axes.set_axis_off()
        for axes, pair, row in zip(grid, report.images, table.to_dict("records"), strict=False):
            _draw(axes, mosaic([pair], 1, 2), cmap)
            axes.set_title(pair_caption(row), fontsize=7, fontweight="normal")
        figure.suptitle(title, fontweight="bold", parse_math=False)
    return figure


def pair_caption(row: Mapping[Hashable, Any]) -> str:
    """The match, the splits and the classes of a pair, in two lines."""
    first, second = (caption(str(row[f"class_{n}"]), PAIR_NAME) for n in (1, 2))
    classes = first if row["class_1"] == row["class_2"] else f"{first} / {second}"
    match = f"near {row['rms']:.1f}" if row["match"] == "near" else row["match"]
    return f"{match}: {row['split_1']}, {row['split_2']}\n{classes}"


def _draw(axes: Axes, sheet: np.ndarray, cmap: str) -> None:
    """Draw `sheet` (float, 0 to 255); NaN becomes white."""
    if sheet.shape[2:]:  # in colour, NaN would be black
        sheet = np.where(np.isnan(sheet), WHITE, sheet).astype(np.uint8)
    axes.imshow(sheet, cmap=cmap, vmin=0, vmax=WHITE, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
