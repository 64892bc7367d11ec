"""How all figures look.

Figures are made without pyplot and its global state. Colours are those of Okabe and Ito
(jfly.uni-koeln.de/color), which colour-blind readers can tell apart; no figure depends on
colour alone.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"
FONT = "DejaVu Sans"  # comes with matplotlib: the same letters on every machine
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
IMAGES = STYLE | {"axes.grid": False}

mpl.rcdefaults()  # a `matplotlibrc` in the working directory changes nothing, also when saving


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches."""
    return Figure(figsize=(width, height), layout="constrained")


def cmap_of(preprocessing: str) -> str:
    """The colour map of greyscale images: `published` ones are negatives, and shown as taken."""
    return "gray_r" if preprocessing == "fashion_mnist" else "gray"


def safe_labels(names: Sequence[str]) -> dict[str, str]:
    """Each of the class `names` as figures show it: itself, or else its label.

    The font has Latin, Greek, Cyrillic, Arabic and more, but no Chinese, Japanese or Korean: such
    a name becomes `label 3`, its place in `names` from 0, instead of a row of boxes, or
    `(label 3)` where another class is called so.
    """
    glyphs = get_font(findfont(FontProperties(family=FONT))).get_charmap()
    shown = {}
    for label, name in enumerate(names):
        instead = f"label {label}" if f"label {label}" not in names else f"(label {label})"
        shown[name] = name if all(ord(letter) in glyphs for letter in name) else instead
    return shown


def caption(name: str, length: int = 24) -> str:
    """`name` in at most `length` characters, its middle left out, and nothing in it a formula."""
    if len(name) > length:
        kept = length - 1
        name = f"{name[: kept - kept // 2]}…{name[len(name) - kept // 2 :]}"
    return name.replace("$", r"\$")
