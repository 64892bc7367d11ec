"""Pictures of training and of predictions. Tables and arrays in, matplotlib figures out.

Figures are made without pyplot and its global state. Colours are those of Okabe and Ito
(jfly.uni-koeln.de/color), which colour-blind readers can tell apart; no figure depends on
colour alone.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}
DARK_CELL = 0.55
GALLERY_COLUMNS = 6


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")


def curves(history: pd.DataFrame, network: str) -> Figure:
    """Loss and accuracy by epoch, training against validation.

    `history` has the columns `epoch` (from 1), `loss`, `val_loss`, `accuracy`, `val_accuracy`.
    Training images may be augmented and labels smoothed, so the curves may cross. The view fits
    all but the first fifth of the epochs, which may run out of it.
    """
    with mpl.rc_context(STYLE):
        figure = _figure(9, 3.4)
        for axes, metric in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
            _curve_pair(axes, history, metric)
        figure.suptitle(f"{network}: training", fontweight="bold")
    return figure


def _curve_pair(axes: Axes, history: pd.DataFrame, metric: str) -> None:
    epochs = history["epoch"]
    settled = history[[metric, f"val_{metric}"]].to_numpy()[len(history) // 5 :]
    low, high = settled.min(), settled.max()
    axes.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))
    axes.plot(epochs, history[metric], "o--", color=ORANGE, markersize=3, label="training")
    axes.plot(epochs, history[f"val_{metric}"], "s-", color=BLUE, markersize=3, label="validation")
    axes.set_title(metric)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend()


def confusion(
    matrix: np.ndarray, names: Sequence[str], network: str, *, normalized: bool
) -> Figure:
    """A confusion matrix (int [classes, classes], true class in rows) with a number in each cell.

    `normalized` shows the share of each true class instead of counts.
    """
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        figure = _figure(6.6, 5.8)
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), share in np.ndenumerate(shares):
            if matrix[row, column]:
                text = f"{100 * share:.1f}" if normalized else str(matrix[row, column])
                colour = "white" if share > DARK_CELL else "black"
                axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
        axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("predicted class")
        axes.set_ylabel("true class")
        unit = "% of each true class" if normalized else "test images"
        axes.set_title(f"{network}: confusion matrix ({unit})")
    return figure


def class_scores(scores: pd.DataFrame, network: str) -> Figure:
    """Precision, recall and F1 of each class, worst F1 on top.

    `scores` has the class names as index and the columns `precision`, `recall`, `f1`.
    """
    ordered = scores.sort_values("f1", ascending=False, kind="stable")
    rows = np.arange(len(ordered))
    with mpl.rc_context(STYLE):
        figure = _figure(7.2, 4.2)
        axes = figure.subplots()
        axes.hlines(rows, ordered.min(axis=1), ordered.max(axis=1), color=GREY, linewidth=1)
        axes.scatter(ordered["precision"], rows, marker="<", color=ORANGE, label="precision")
        axes.scatter(ordered["recall"], rows, marker=">", color=GREEN, label="recall")
        axes.scatter(ordered["f1"], rows, marker="o", color=BLUE, label="F1")
        labels = [f"{name}   {f1:.3f}" for name, f1 in ordered["f1"].items()]
        axes.set_yticks(rows, labels)
        axes.set_ylabel("class and its F1")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_title(f"{network}: scores by class")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def reliability(table: pd.DataFrame, error: float, network: str) -> Figure:
    """How often predictions are right against how sure they were (`scores.reliability`).

    `error` is the expected calibration error of the same table.
    """
    filled = table[table["count"] > 0]
    with mpl.rc_context(STYLE):
        figure = _figure(5.2, 5.2)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot([0, 1], [0, 1], "--", color=GREY, label="perfectly calibrated")
        upper.plot(filled["confidence"], filled["accuracy"], "o-", color=BLUE, label=network)
        upper.set_ylabel("accuracy")
        upper.set_title(f"{network}: reliability (expected calibration error {error:.3f})")
        upper.legend(loc="upper left")
        centres = (table["low"] + table["high"]) / 2
        lower.bar(centres, table["count"], width=0.9 * (table["high"] - table["low"]), color=BLUE)
        lower.set_yscale("symlog", linthresh=1)
        lower.set_ylabel("images")
        lower.set_xlabel("confidence (probability of the predicted class)")
        lower.set_xlim(0, 1)
    return figure


def mistakes(images: np.ndarray, table: pd.DataFrame, network: str) -> Figure:
    """The images (uint8 [count, height, width]) of wrong predictions, with true and predicted name.

    `table` has a row for each image: `actual`, `predicted` (names) and `confidence`.
    """
    rows = max(1, -(-len(images) // GALLERY_COLUMNS))
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        figure = _figure(1.6 * GALLERY_COLUMNS, 1.95 * rows + 0.4)
        axes_grid = figure.subplots(rows, GALLERY_COLUMNS, squeeze=False).ravel()
        for axes in axes_grid:
            axes.axis("off")
        records = table.to_dict("records")
        for axes, image, record in zip(axes_grid, images, records, strict=False):
            _show(axes, image)
            text = (
                f"{record['actual']}, taken for\n{record['predicted']} ({record['confidence']:.1%})"
            )
            axes.set_title(text, fontsize=8, fontweight="normal")
        figure.suptitle(f"{network}: the most confident mistakes", fontweight="bold")
    return figure


def examples(images: np.ndarray, table: pd.DataFrame, names: Sequence[str], network: str) -> Figure:
    """A row of images for each class; a wrong prediction is framed and named.

    `images` is uint8 [classes, columns, height, width]; `table` has a row for each image in the
    same order, with the column `predicted` (name).
    """
    classes, columns = images.shape[:2]
    predicted = table["predicted"].to_numpy().reshape(classes, columns)
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        figure = _figure(0.8 * columns + 1.1, 0.88 * classes + 0.4)
        grid = figure.subplots(classes, columns, squeeze=False)
        for (row, column), axes in np.ndenumerate(grid):
            _show(axes, images[row, column])
            if predicted[row, column] != names[row]:
                _frame(axes)
                _name(axes, str(predicted[row, column]))
        for axes, name in zip(grid[:, 0], names, strict=True):
            axes.set_ylabel(name, rotation=0, ha="right", va="center")
        figure.suptitle(
            f"{network}: examples of each class, surest on the left; mistakes framed",
            fontweight="bold",
        )
    return figure


def _show(axes: Axes, image: np.ndarray) -> None:
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
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
