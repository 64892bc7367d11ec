"""How all figures look.

Figures are made without pyplot and its global state. Colours are those of Okabe and Ito
(jfly.uni-koeln.de/color), which colour-blind readers can tell apart; no figure depends on
colour alone.
"""

from typing import Any

from matplotlib.figure import Figure

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
IMAGES = STYLE | {"axes.grid": False}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches."""
    return Figure(figsize=(width, height), layout="constrained")
