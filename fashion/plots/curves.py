"""Learning curves."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fashion.plots.style import BLUE, GREY, ORANGE, STYLE, new_figure

TRAINING = "training images as selected and augmented"


def curves(history: pd.DataFrame, network: str) -> Figure:
    """Loss and accuracy of the training and validation images by epoch.

    `history` has the columns `epoch` (from 1), `loss`, `val_loss`, `accuracy`, `val_accuracy`,
    `image_height` and `image_width`. Training values are those of the images that were used, which
    are augmented and may be a selection of hard ones. Epochs with smaller images are shaded.
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
    axes.plot(epochs, history[metric], "o--", color=ORANGE, markersize=3, label=TRAINING)
    axes.plot(epochs, history[f"val_{metric}"], "s-", color=BLUE, markersize=3, label="validation")
    _shade_small_images(axes, history)
    axes.set_title(metric)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1))


def _shade_small_images(axes: Axes, history: pd.DataFrame) -> None:
    """Shade the epochs of progressive resizing, and write the size of their images."""
    small = history[history["image_height"] < history["image_height"].iloc[-1]]
    if small.empty:
        return
    first, last = small["epoch"].iloc[0] - 0.5, small["epoch"].iloc[-1] + 0.5
    axes.axvspan(first, last, color=GREY, alpha=0.15, linewidth=0)
    text = f"{small['image_height'].iloc[0]}x{small['image_width'].iloc[0]} pixels"
    position = (first + last) / 2, 0.02
    axes.text(*position, text, transform=axes.get_xaxis_transform(), ha="center", va="bottom")
