"""Figures of scores: confusion matrices, classes, reliability."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fashion.plots.style import BLUE, GREEN, GREY, IMAGES, ORANGE, STYLE, new_figure

DARK_CELL = 0.55


def confusion(
    matrix: np.ndarray, names: Sequence[str], network: str, *, normalized: bool
) -> Figure:
    """A confusion matrix (int [classes, classes], true class in rows) with a number in each cell.

    `normalized` shows percentages of each true class instead of counts.
    """
    fractions = matrix / matrix.sum(axis=1, keepdims=True)
    with mpl.rc_context(IMAGES):
        figure = new_figure(6.6, 5.8)
        axes = figure.subplots()
        axes.imshow(fractions, cmap="Blues", vmin=0, vmax=1)
        for (row, column), fraction in np.ndenumerate(fractions):
            if matrix[row, column]:
                text = f"{100 * fraction:.1f}" if normalized else str(matrix[row, column])
                colour = "white" if fraction > DARK_CELL else "black"
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

    `scores` has the columns `class`, `precision`, `recall`, `f1`.
    """
    ordered = scores.set_index("class").sort_values("f1", ascending=False, kind="stable")
    rows = np.arange(len(ordered))
    with mpl.rc_context(STYLE):
        figure = new_figure(7.2, 4.2)
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
    """How often predictions are right against their confidence (`fashion.evaluation.calibration`).

    `error` is the expected calibration error of the same table.
    """
    filled = table[table["count"] > 0]
    with mpl.rc_context(STYLE):
        figure = new_figure(5.2, 5.2)
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
