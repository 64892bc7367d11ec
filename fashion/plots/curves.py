"""Learning curves."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fashion.plots.style import BLUE, ORANGE, STYLE, new_figure

TRAINING = "training images as selected and augmented"


def curves(history: pd.DataFrame, network: str) -> Figure:
    """Loss and accuracy of the training and validation images by epoch.

    `history` has the columns `epoch` (from 1), `loss`, `val_loss`, `accuracy`, `val_accuracy`.
    Training values are those of the images that were used, which are augmented and may be a
    selection of hard ones. The axes fit all but the first fifth of the epochs.
    """
    with mpl.rc_context(STYLE):
        figure = new_figure(9, 3.4)
        left, right = figure.subplots(1, 2)
        _curve_pair(left, history, "loss")
        _curve_pair(right, history, "accuracy")
        labels = left.get_legend_handles_labels()
        figure.legend(*labels, loc="outside lower center", ncols=2)
        figure.suptitle(f"{network}: training", fontweight="bold")
    return figure


def _curve_pair(axes: Axes, history: pd.DataFrame, metric: str) -> None:
    epochs = history["epoch"]
    settled = history[[metric, f"val_{metric}"]].to_numpy()[len(history) // 5 :]
    low, high = settled.min(), settled.max()
    axes.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))
    axes.plot(epochs, history[metric], "o--", color=ORANGE, markersize=3, label=TRAINING)
    axes.plot(epochs, history[f"val_{metric}"], "s-", color=BLUE, markersize=3, label="validation")
    axes.set_title(metric)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1))
