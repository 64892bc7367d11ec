"""Figures of scores: confusion matrices, scores by class, reliability."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fashion.plots.style import BLUE, GREEN, GREY, IMAGE_STYLE, ORANGE, STYLE, caption, new_figure

DARK_CELL = 0.55
MAX_NUMBERED = 20  # classes in a matrix with numbers in its cells
MAX_NAMED = 50  # class names beside a matrix
MAX_SCORES = 40  # classes in the figure of scores


def confusion(
    matrix: np.ndarray, names: Sequence[str], network: str, *, normalized: bool
) -> Figure:
    """Draw a confusion matrix (int [classes, classes], true class in rows), cells with numbers.

    `normalized` shows percentages of each true class instead of counts. If there are more than
    `MAX_NUMBERED` classes, counts are limited to the most confused classes, and percentages are
    shown by colour only.
    """
    title, unit = "confusion matrix", "% of each true class" if normalized else "test images"
    totals, is_large = matrix.sum(axis=1, keepdims=True), len(names) > MAX_NUMBERED
    if is_large and not normalized:
        title = f"the {MAX_NUMBERED} most confused of {len(names)} classes"
        rows = most_confused(matrix, MAX_NUMBERED)
        matrix, totals, names = matrix[np.ix_(rows, rows)], totals[rows], [names[n] for n in rows]
    fractions = matrix / np.maximum(totals, 1)
    with mpl.rc_context(IMAGE_STYLE):
        size = min(2.0, max(1.0, len(names) / 14))
        figure = new_figure(6.6 * size, 5.8 * size)
        axes = figure.subplots()
        if is_large and normalized:
            norm = PowerNorm(0.5, vmin=0, vmax=1)  # makes one image in a hundred visible
            cells = axes.imshow(fractions, cmap="Blues", norm=norm)
            figure.colorbar(cells, format=PercentFormatter(1), shrink=0.5)
        else:
            axes.imshow(fractions, cmap="Blues", vmin=0, vmax=1)
            for (row, column), count in np.ndenumerate(matrix):
                if count:
                    fraction = fractions[row, column]
                    text = f"{100 * fraction:.1f}" if normalized else str(count)
                    color = "white" if fraction > DARK_CELL else "black"
                    axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
        _label_axes(axes, names)
        axes.set_title(f"{network}: {title} ({unit})")
    return figure


def most_confused(matrix: np.ndarray, count: int) -> list[int]:
    """The `count` classes with the most frequent confusions; confused classes are adjacent."""
    wrong = matrix - np.diag(np.diag(matrix))
    pairs = np.argsort(-(wrong + wrong.T), axis=None, kind="stable")
    classes = np.stack(np.unravel_index(pairs, matrix.shape), axis=1).ravel()
    return list(dict.fromkeys(classes.tolist()))[:count]


def _label_axes(axes: Axes, names: Sequence[str]) -> None:
    """Name rows and columns, only every few if there is no room for all."""
    step = -(-len(names) // MAX_NAMED)
    positions, captions = range(0, len(names), step), [caption(name) for name in names[::step]]
    axes.set_xticks(positions, captions, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(positions, captions)
    few = f" (one of {step} is named)" if step > 1 else ""
    axes.set_xlabel(f"predicted class{few}")
    axes.set_ylabel(f"true class{few}")


def class_scores(scores: pd.DataFrame, network: str) -> Figure:
    """Precision, recall and F1 of at most `MAX_SCORES` classes, the lowest F1 on top.

    `scores` has the columns `class`, `precision`, `recall`, `f1`.
    """
    ordered = scores.set_index("class").sort_values("f1", ascending=False, kind="stable")
    limit = f" (the {MAX_SCORES} worst of {len(ordered)})" if len(ordered) > MAX_SCORES else ""
    ordered = ordered[-MAX_SCORES:]
    rows = np.arange(len(ordered))
    with mpl.rc_context(STYLE):
        figure = new_figure(7.2, 4.2 + 0.2 * max(0, len(ordered) - 12))
        axes = figure.subplots()
        axes.hlines(rows, ordered.min(axis=1), ordered.max(axis=1), color=GREY, linewidth=1)
        axes.scatter(ordered["precision"], rows, marker="<", color=ORANGE, label="precision")
        axes.scatter(ordered["recall"], rows, marker=">", color=GREEN, label="recall")
        axes.scatter(ordered["f1"], rows, marker="o", color=BLUE, label="F1")
        labels = [f"{caption(str(name))}   {f1:.3f}" for name, f1 in ordered["f1"].items()]
        axes.set_yticks(rows, labels)
        axes.set_ylabel("class and its F1")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_title(f"{network}: scores by class{limit}")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def reliability(table: pd.DataFrame, error: float, network: str) -> Figure:
    """Accuracy against confidence, and the number of images in each bin.

    `table` is the result of `fashion.evaluation.calibration.reliability`, and `error` its expected
    calibration error.
    """
    not_empty = table[table["count"] > 0]
    with mpl.rc_context(STYLE):
        figure = new_figure(5.2, 5.2)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot([0, 1], [0, 1], "--", color=GREY, label="perfectly calibrated")
        upper.plot(not_empty["confidence"], not_empty["accuracy"], "o-", color=BLUE, label=network)
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
