"""Pictures of a search. Tables of `fashion.trials` in, matplotlib figures out."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fashion.figures import BLUE, GREY, STYLE

FEW_LEVELS = 4
LOWEST_SHARE = 0.25  # of the trials, drawn in one colour, so that the rest can be told apart


def parallel_coordinates(positions: pd.DataFrame, network: str) -> Figure:
    """A line for each trial through its values, and through its accuracy on the last axis.

    `positions` is the table of that name of `fashion.trials`. Lines of better trials are lighter
    and thicker and lie on top; a line is broken where a value has no meaning.
    """
    axis_names = list(dict.fromkeys(positions["hyperparameter"]))
    grid = positions.pivot_table(index="trial", columns="hyperparameter", values="position")
    accuracies = positions.drop_duplicates("trial").set_index("trial")["val_accuracy"]
    accuracies = accuracies.sort_values(kind="stable")
    scale = Normalize(float(accuracies.quantile(LOWEST_SHARE)), float(accuracies.max()))
    colours = mpl.colormaps["plasma"]
    with mpl.rc_context(STYLE | {"axes.grid": False, "axes.spines.left": False}):
        figure = Figure(figsize=(0.72 * len(axis_names) + 1.6, 4.8), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(axis_names))
        lines = grid.reindex(index=accuracies.index, columns=axis_names).to_numpy()
        axes.vlines(places, 0, 1, color=GREY, linewidth=0.8)
        for rank, (line, accuracy) in enumerate(zip(lines, accuracies, strict=True)):
            share = np.clip(scale(accuracy), 0, 1)
            colour, width = colours(0.9 * share), 0.6 + 1.6 * share
            axes.plot(places, line, "-o", color=colour, linewidth=width, markersize=2, zorder=rank)
        for place, name in enumerate(axis_names):
            _label_levels(axes, place, positions[positions["hyperparameter"] == name])
        axes.set_xticks(places, axis_names, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks([])
        axes.set_title(f"{network}: {len(accuracies)} trials")
        shown = ScalarMappable(scale, colours)
        bar = figure.colorbar(shown, ax=axes, format=PercentFormatter(1), extend="min", pad=0.02)
        bar.set_label("validation accuracy")
    return figure


def _label_levels(axes: mpl.axes.Axes, place: int, rows: pd.DataFrame) -> None:
    """Write what occurs on an axis beside it: everything if that is little, else both ends."""
    levels = rows.drop_duplicates("position").sort_values("position")
    if len(levels) > FEW_LEVELS:
        levels = levels.iloc[[0, -1]]
    for position, value in zip(levels["position"], levels["value"], strict=True):
        axes.text(place + 0.06, position, value, fontsize=6.5, va="bottom", zorder=1000)


def importance(table: pd.DataFrame, network: str) -> Figure:
    """Bars of the table of that name of `fashion.trials`, the longest on top."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 0.28 * len(table) + 1.1), layout="constrained")
        axes = figure.subplots()
        rows = np.arange(len(table))[::-1]
        axes.barh(rows, table["importance"], xerr=table["std"], color=BLUE, ecolor=GREY)
        axes.set_yticks(rows, table["hyperparameter"])
        axes.set_xlabel("fall of the forest's R² when the column is shuffled")
        axes.set_title(f"{network}: what mattered in the search")
    return figure
