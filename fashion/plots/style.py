"""The common style of all figures.

Figures are made without pyplot and its global state. Colours are those of Okabe and Ito
(jfly.uni-koeln.de/color), which colour-blind readers can tell apart. No figure depends on colour
alone.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"
FONT = "DejaVu Sans"  # comes with matplotlib, so it is the same on every machine
STYLE: dict[Any, Any] = {
    "font.family": FONT,
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
IMAGE_STYLE = STYLE | {"axes.grid": False}

mpl.rcdefaults()  # ignore a `matplotlibrc` in the working directory


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches."""
    return Figure(figsize=(width, height), layout="constrained")


def cmap_of(preprocessing: str) -> str:
    """The colour map of greyscale images; images of `fashion_mnist` are negatives."""
    return "gray_r" if preprocessing == "fashion_mnist" else "gray"


def safe_labels(names: Sequence[str]) -> dict[str, str]:
    """A text for each of the class `names` that the font can show: the name, or its label.

    The font has no Chinese, Japanese or Korean letters. Such a name becomes, for example,
    `label 3`, where 3 is its index in `names`, or `(label 3)` if another class has that name.
    """
    glyphs = get_font(findfont(FontProperties(family=FONT))).get_charmap()
    labels = {}
    for index, name in enumerate(names):
        fallback = f"label {index}" if f"label {index}" not in names else f"(label {index})"
        labels[name] = name if all(ord(letter) in glyphs for letter in name) else fallback
    return labels


def caption(name: str, length: int = 24) -> str:
    """`name` shortened in the middle to at most `length` characters; `$` starts no formula."""
    if len(name) > length:
        start, end = length // 2, (length - 1) // 2
        name = f"{name[:start]}…{name[len(name) - end :]}"
    return name.replace("$", r"\$")
