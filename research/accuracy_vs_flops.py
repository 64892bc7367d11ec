"""Accuracy against computation: our networks and what was published on Fashion-MNIST.

In: `reports/accuracy_vs_flops/published.csv` (results of the official test set in one view, as
their sources state them; `doubt` says why one is not to be compared), `params.yaml`,
`data/processed/`, `reports/NETWORK/metrics.json`, and of `reports/benchmarks/` the seeds, the plain
script and the rate of training steps. Out, in `reports/accuracy_vs_flops/`:
`ours.csv` and `accuracy.png`. Run: `python -m research.accuracy_vs_flops`.

Computation is that of the whole training in floating-point operations, counted as in
`benchmarks.step`: of the images that each epoch selects, in the size that it sees, forward and
backward, without validation. That of published results is estimated from their networks and epochs,
of those in doubt roughly. Where a network has three seeds or more, their majority is a result of
its own: `5 x cnn`.
"""

from collections.abc import Mapping
from functools import partial
from itertools import cycle
from operator import mul
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from benchmarks import plain
from benchmarks.seeds import current, predictions
from benchmarks.step import training_flops
from fashion import cli
from fashion.config.model import Model
from fashion.config.params import Params
from fashion.io.files import read_csv, read_json, read_npy, write_csv, write_figure
from fashion.networks.building import build
from fashion.plots.style import BLUE, GREY, ORANGE, RED, STYLE, new_figure
from fashion.training.loop import steps_by_epoch
from fashion.training.progressive import image_sizes
from tools.card import is_fashion_mnist

FOLDER = Path("reports/accuracy_vs_flops")
BENCHMARKS = Path("reports/benchmarks")
PLAIN = "plain script, batch size 32"  # in baseline.json
VIEWS = {"accuracy": "averaged views", "accuracy_without_tta": "one view"}
MARKERS = {"one view": ("s", BLUE), "averaged views": ("D", ORANGE)}  # form, colour
# Where the name of a result stands, in points from its upper marker, and how it is aligned.
BESIDE = (7, -3), "left"
BELOW = ((4, -17), "right"), ((-4, -17), "left")  # in turn: majorities cost about as much
ABOVE = (15, 7), "right"
PFLOP, GFLOP = 1e15, 1e9
FEWEST_VOTES = 3


def main() -> None:
    """Write the table of our networks and draw it among the published results."""
    params = Params.load()
    if not is_fashion_mnist(params):
        print(f"{FOLDER}: left as it is, published results are not of these data")
        return
    networks = (row for name in params.networks for row in _rows(name, params))
    ours = pd.DataFrame([*_plain(), *networks])
    write_csv(FOLDER / "ours.csv", ours)
    published = read_csv(FOLDER / "published.csv", ["result", "source", "doubt"])
    step = read_json(BENCHMARKS / "step.json")
    rate, cpu = step["pipeline"]["gflops"]["median"], step["machine"]["cpu"]
    write_figure(FOLDER / "accuracy.png", draw(ours, published, rate, cpu), params.plot.dpi)
    print(ours.to_string(index=False))


def _rows(network: str, params: Params) -> list[dict[str, Any]]:
    """One row, or two where views are averaged; none before the network is evaluated."""
    file = Path("reports") / network / "metrics.json"
    if not file.exists():
        return []
    model, known = params.networks[network], current(params, network)
    rows = _views(network, model, known or read_json(file))
    votes = predictions(network, params)
    if (count := votes.shape[1]) >= FEWEST_VOTES:
        right = majority(votes, _data("test", "labels"))
        many = {"result": f"{count} x {network}", "pflop": count * rows[0]["pflop"]}
        rows.append({**rows[0], **many, "accuracy": right, "sd": None, "n": 1})
    return rows


def _views(result: str, model: Model, scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each way in which `scores` (numbers, or statistics of seeds) look at an image."""
    names = VIEWS if model.tta != "none" else {"accuracy": "one view"}
    pflop = training_pflop(model)
    return [
        {"result": result, "views": views, "pflop": pflop, **_statistics(scores[name])}
        for name, views in names.items()
    ]


def majority(votes: pd.DataFrame, labels: np.ndarray) -> float:
    """The accuracy of what most columns of `votes` say of an image; the lowest of a tie."""
    return float((votes.mode(axis="columns")[0] == labels).mean())


def _plain() -> list[dict[str, Any]]:
    """The original task, as one writes it with Keras alone."""
    of = read_json(BENCHMARKS / "baseline.json")[PLAIN]
    operations = training_flops(plain.network()) * plain.EPOCHS * len(_data("train", "labels"))
    row = {"result": "plain script", "views": "one view", "pflop": operations / PFLOP}
    return [row | _statistics(of["accuracy"])]


def _statistics(score: float | Mapping[str, float]) -> dict[str, Any]:
    if isinstance(score, Mapping):
        return {"accuracy": score["mean"], "sd": score["sd"], "n": score["n"]}
    return {"accuracy": score, "sd": None, "n": 1}


def training_pflop(model: Model) -> float:
    """The operations of one training of `model`, in PFLOP."""
    images, classes = _data("train", "images"), int(_data("train", "labels").max()) + 1
    count, height, width, *channels = images.shape
    sizes, steps = image_sizes((height, width), model.fit), steps_by_epoch(count, model.fit)
    of_a_step = {
        size: model.fit.batch_size
        * training_flops(build(model.network, (*size, *channels), classes))
        for size in set(sizes)
    }
    of_epochs = (of_a_step[size] * number for size, number in zip(sizes, steps, strict=True))
    return sum(of_epochs) / PFLOP


def _data(part: str, kind: str) -> np.ndarray:
    return read_npy(f"data/processed/{part}/{kind}.npy")


def draw(ours: pd.DataFrame, published: pd.DataFrame, gflops: float, cpu: str) -> Figure:
    """Errors against operations, both logarithmic; above, seconds at `gflops` GFLOP/s, of `cpu`."""
    with mpl.rc_context(STYLE):
        figure = new_figure(8.4, 4.2)
        axes = figure.subplots()
        for views, (marker, color) in MARKERS.items():
            rows = ours[ours["views"] == views]
            axes.errorbar(
                rows["pflop"], 1 - rows["accuracy"], rows["sd"].fillna(0), fmt=marker, color=color,
                capsize=3, label=f"ours, {views}",
            )  # fmt: skip
        below = cycle(BELOW)
        for name, rows in ours.sort_values("pflop").groupby("result", sort=False):
            highest = rows.sort_values("accuracy").iloc[0]
            _, color = MARKERS[highest["views"]]
            if len(rows) > 1:
                offset, side = ABOVE
            else:
                offset, side = BESIDE if highest["views"] == "one view" else next(below)
            axes.annotate(
                str(name), (highest["pflop"], 1 - highest["accuracy"]), offset,
                textcoords="offset points", color=color, ha=side,
            )  # fmt: skip
        for number, row in enumerate(published.to_dict("records"), start=1):
            doubt = f" ({row['doubt']})" if isinstance(row["doubt"], str) else ""
            ends = [1 - row["lowest"], 1 - row["highest"]]
            axes.plot([row["pflop"]] * 2, ends, color=GREY, linewidth=5)
            axes.plot(
                row["pflop"], sum(ends) / 2, linestyle="", marker=f"${number}$", markersize=8,
                color=RED if doubt else "black", label=f"{row['result']}{doubt}",
            )  # fmt: skip
        axes.margins(0.08)
        axes.set(xscale="log", xlabel="training, in PFLOP", yscale="log", ylabel="test error")
        for axis in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
            axis(PercentFormatter(1, decimals=0))
        seconds = partial(mul, PFLOP / GFLOP / gflops), partial(mul, gflops * GFLOP / PFLOP)
        above = axes.secondary_xaxis("top", functions=seconds)
        above.set_xlabel(f"seconds on two cores, at {gflops:.0f} GFLOP/s ({cpu})")
        figure.legend(loc="outside right upper", fontsize=8)
    return figure


if __name__ == "__main__":
    cli.run(main)
