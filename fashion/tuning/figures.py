"""Figures of a search: from tables of `fashion.tuning.trials` to matplotlib figures."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fashion.plots.style import BLUE, GREY, STYLE, new_figure
from fashion.tuning.trials import setting_columns

MAX_LEVELS = 4  # values that are all labelled
MAX_LETTERS = 17  # that fit between two axes
TOP = 0.75  # trials above this quantile of accuracy are highlighted


def parallel_coordinates(table: pd.DataFrame, network: str) -> Figure:
    """One line per trial, through the ranks of its settings and of its accuracy.

    The lines of the best quarter are blue and thick. A missing value interrupts a line.
    """
    columns = table[[*setting_columns(table), "val_accuracy"]]
    ranks = columns.rank(method="dense") - 1
    ranks /= ranks.max().clip(lower=1)
    top = columns["val_accuracy"] >= columns["val_accuracy"].quantile(TOP)
    bare = {"axes.grid": False, "axes.spines.left": False, "axes.spines.bottom": False}
    with mpl.rc_context(STYLE | bare):
        figure = new_figure(0.85 * columns.shape[1] + 1.2, 4.8)
        axes = figure.subplots()
        axes.plot(ranks[~top].T.to_numpy(), ".-", color=GREY, linewidth=0.6)
        axes.plot(ranks[top].T.to_numpy(), ".-", color=BLUE, linewidth=1.6)
        for position, name in enumerate(columns):
            axes.axvline(position, color="black", linewidth=0.8)
            _label_levels(axes, position, pd.Series(columns[name].to_numpy(), ranks[name]))
        names = columns.columns.to_list()
        axes.set_xticks(range(len(names)), names, rotation=30, ha="right", rotation_mode="anchor")
        axes.set_yticks([])
        axes.set_title(f"{network}: {len(table)} trials, the best quarter in blue")
    return figure


def _label_levels(axes: Axes, position: int, values: pd.Series) -> None:
    """Write the values (by rank) beside their axis: all if there are few, otherwise the ends."""
    levels = values[~values.index.duplicated()].dropna().sort_index()
    for rank, value in (levels if len(levels) <= MAX_LEVELS else levels.iloc[[0, -1]]).items():
        text = f"{value:.3g}" if isinstance(value, float) else str(value)[:MAX_LETTERS]
        axes.annotate(text, (position, rank), (3, 3), textcoords="offset points", fontsize=6.5)


def importance_bars(table: pd.DataFrame, network: str) -> Figure:
    """The table of `importance_table` as bars, the longest on top."""
    with mpl.rc_context(STYLE):
        figure = new_figure(6.4, 0.28 * len(table) + 1.1)
        axes = figure.subplots()
        bars = table[::-1]
        axes.barh(
            bars["hyperparameter"], bars["importance"], xerr=bars["std"], color=BLUE, ecolor=GREY
        )
        axes.set_xlabel("decrease of R² of a random forest if the setting is shuffled")
        axes.set_title(f"{network}: importance of each setting in the search")
    return figure
