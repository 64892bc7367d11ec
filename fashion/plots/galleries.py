"""Galleries of images with their predictions."""

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fashion.plots.style import IMAGE_STYLE, RED, caption, new_figure

GALLERY_COLUMNS = 6
MIN_EXAMPLE_COLUMNS = 8  # makes room for the title
MIN_PIXELS = 256  # of the longer side after reducing a large image, to save memory
IDX_FILE = re.compile(r":\d+$")
GALLERY_CAPTION, EXAMPLE_CAPTION = 15, 12  # characters


def gallery(
    images: np.ndarray | Sequence[np.ndarray], table: pd.DataFrame, title: str, cmap: str
) -> Figure:
    """Draw images with their true and predicted classes.

    `images` are uint8 [height, width] or [height, width, channels]. `table` has a row per image
    with the columns `actual` and `predicted` (class names), `confidence`, and possibly `file`. The
    name of the file is shown unless it is a position in an IDX file. `cmap` is the colour map of
    greyscale images.
    """
    rows = max(1, -(-len(images) // GALLERY_COLUMNS))
    with mpl.rc_context(IMAGE_STYLE):
        has_names = "file" in table and not table["file"].str.contains(IDX_FILE).all()
        height = 2.15 if has_names else 1.95
        figure = new_figure(1.6 * GALLERY_COLUMNS, height * rows + 0.4)
        axes_grid = figure.subplots(rows, GALLERY_COLUMNS, squeeze=False).ravel()
        for axes in axes_grid:
            axes.axis("off")
        records = table.to_dict("records")
        for axes, image, record in zip(axes_grid, images, records, strict=False):
            _show(axes, image, cmap)
            actual, predicted = (
                caption(record[key], GALLERY_CAPTION) for key in ("actual", "predicted")
            )
            text = f"{actual}, taken for\n{predicted} ({record['confidence']:.1%})"
            axes.set_title(text, fontsize=8, fontweight="normal")
            if not IDX_FILE.search(file := record.get("file", ":0")):
                axes.set_xlabel(caption(Path(file).name), fontsize=7)
        figure.suptitle(title, fontweight="bold")
    return figure


def examples(
    images: Sequence[Sequence[np.ndarray]],
    predicted: Sequence[Sequence[str]],
    names: Sequence[str],
    network: str,
    *,
    classes: int,
    cmap: str,
) -> Figure:
    """Draw a row of images per class; wrong predictions are framed and named.

    `images` and `predicted` have a list for each of `names`: of images (uint8 [height, width] or
    [height, width, channels]) and of predicted class names. `names` are all of the `classes`, or
    those with the lowest F1. `cmap` is the colour map of greyscale images.
    """
    columns = max(MIN_EXAMPLE_COLUMNS, *map(len, images))
    subject = (
        f"the {len(names)} worst of {classes} classes" if classes > len(names) else "each class"
    )
    with mpl.rc_context(IMAGE_STYLE):
        figure = new_figure(0.8 * columns + 1.1, 0.85 * len(names) + 0.7)
        grid = figure.subplots(len(names), columns, squeeze=False)
        for (row, column), axes in np.ndenumerate(grid):
            if column >= len(images[row]):
                axes.set_axis_off()
                continue
            _show(axes, images[row][column], cmap)
            if predicted[row][column] != names[row]:
                _mark_wrong(axes, caption(predicted[row][column], EXAMPLE_CAPTION))
        for axes, name in zip(grid[:, 0], names, strict=True):
            axes.set_ylabel(caption(name), rotation=0, ha="right", va="center")
        figure.suptitle(
            f"{network}: examples of {subject}, most confident on the left; mistakes framed",
            fontweight="bold",
        )
    return figure


def _show(axes: Axes, image: np.ndarray, cmap: str) -> None:
    step = max(1, max(image.shape[:2]) // MIN_PIXELS)
    axes.set_axis_on()
    axes.imshow(image[::step, ::step], cmap=cmap, vmin=0, vmax=255, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _mark_wrong(axes: Axes, text: str) -> None:
    """Frame the image and write `text` above it, without moving it."""
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(RED)
    axes.spines[:].set_linewidth(1.8)
    axes.text(
        0.5, 1.03, text, transform=axes.transAxes, ha="center", fontsize=6.5, color=RED,
        in_layout=False,
    )  # fmt: skip
