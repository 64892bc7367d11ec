"""Galleries of images with what was predicted for them."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fashion.plots.style import IMAGES, RED, caption, new_figure

GALLERY_COLUMNS = 6
EXAMPLE_COLUMNS = 8  # at least, so that the title has room
PIXELS = 256  # of a side, at least, where images are larger: figures hold all that they show
WIDE, NARROW = 15, 12  # characters that have room above an image of a gallery, of the examples


def mistakes(images: Sequence[np.ndarray], table: pd.DataFrame, network: str, cmap: str) -> Figure:
    """The images of wrong predictions of `network`; the rest as of `gallery`."""
    return gallery(images, table, f"{network}: the most confident mistakes", cmap)


def gallery(
    images: np.ndarray | Sequence[np.ndarray], table: pd.DataFrame, title: str, cmap: str
) -> Figure:
    """Images, each with its true and its predicted name.

    `images` are each uint8 [height, width] or [height, width, channels]; `table` has a row for each
    of them: `actual`, `predicted` (names) and `confidence`. `cmap` is the colour map of greyscale
    images.
    """
    rows = max(1, -(-len(images) // GALLERY_COLUMNS))
    with mpl.rc_context(IMAGES):
        figure = new_figure(1.6 * GALLERY_COLUMNS, 1.95 * rows + 0.4)
        axes_grid = figure.subplots(rows, GALLERY_COLUMNS, squeeze=False).ravel()
        for axes in axes_grid:
            axes.axis("off")
        records = table.to_dict("records")
        for axes, image, record in zip(axes_grid, images, records, strict=False):
            _show(axes, image, cmap)
            actual, predicted = (caption(record[key], WIDE) for key in ("actual", "predicted"))
            text = f"{actual}, taken for\n{predicted} ({record['confidence']:.1%})"
            axes.set_title(text, fontsize=8, fontweight="normal")
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
    """A row of images for each class; a wrong prediction is framed and named.

    `images` has some (each uint8 [height, width] or [..., channels]) for each of `names`,
    `predicted` as many names for each. `names` are those with the worst F1 of `classes`,
    or all. `cmap` is the colour map of greyscale images.
    """
    columns = max(EXAMPLE_COLUMNS, *map(len, images))
    many = f"the {len(names)} worst of {classes} classes" if classes > len(names) else "each class"
    with mpl.rc_context(IMAGES):
        figure = new_figure(0.8 * columns + 1.1, 0.85 * len(names) + 0.7)
        grid = figure.subplots(len(names), columns, squeeze=False)
        for (row, column), axes in np.ndenumerate(grid):
            if column >= len(images[row]):
                axes.set_axis_off()
                continue
            _show(axes, images[row][column], cmap)
            if predicted[row][column] != names[row]:
                _frame(axes)
                _name(axes, caption(predicted[row][column], NARROW))
        for axes, name in zip(grid[:, 0], names, strict=True):
            axes.set_ylabel(caption(name), rotation=0, ha="right", va="center")
        figure.suptitle(
            f"{network}: examples of {many}, most confident on the left; mistakes framed",
            fontweight="bold",
        )
    return figure


def _show(axes: Axes, image: np.ndarray, cmap: str) -> None:
    step = max(1, max(image.shape[:2]) // PIXELS)
    axes.imshow(image[::step, ::step], cmap=cmap, vmin=0, vmax=255, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _name(axes: Axes, text: str) -> None:
    """Write `text` above the image, without moving it."""
    label = axes.text(0.5, 1.03, text, transform=axes.transAxes, ha="center", fontsize=6.5)
    label.set_color(RED)
    label.set_in_layout(False)


def _frame(axes: Axes) -> None:
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(RED)
    axes.spines[:].set_linewidth(1.8)
