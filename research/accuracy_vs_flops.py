"""Test error against the computation of training: our networks among published results.

In: `reports/accuracy_vs_flops/published.csv` (results on the official test set in one view, as
their sources state them; `caveat` says why a result is not comparable, and `name` is written
`name_x`, `name_y` points from the marker), `params.yaml`, `data/processed/`,
`reports/NETWORK/metrics.json`, and from `reports/benchmarks/` the seeds, the plain script and the
speed of training steps. Out, in `reports/accuracy_vs_flops/`: `ours.csv` and `accuracy.png`, which
leaves out networks with an error above 6 %. Run: `python -m research.accuracy_vs_flops`.

Computation is the number of floating-point operations of the whole training, counted as in
`benchmarks.step`, for the images that each epoch selects in the size in which it uses them, without
validation. For published results it is estimated from the networks and epochs. If a network has
three seeds or more, their majority vote is a result of its own, for example `5 x cnn`.
"""

from collections.abc import Mapping
from functools import partial
from operator import mul
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from benchmarks import plain
from benchmarks.seeds import seed_predictions, seed_statistics
from benchmarks.step import training_flops
from fashion import cli
from fashion.config.model import Model
from fashion.config.params import Params
from fashion.io.files import read_csv, read_json, write_csv, write_figure
from fashion.io.labeled_images import LabeledImages, load_split
from fashion.networks.building import build
from fashion.plots.style import BLUE, ORANGE, RED, STYLE, new_figure
from fashion.training.loop import steps_by_epoch
from fashion.training.progressive import image_sizes
from tools.card import is_fashion_mnist

FOLDER = Path("reports/accuracy_vs_flops")
BENCHMARKS = Path("reports/benchmarks")
PROCESSED = "data/processed"
PLAIN = "plain script, batch size 32"  # in baseline.json
VIEWS = {"accuracy": "averaged views", "accuracy_without_tta": "one view"}
MARKERS = {"one view": ("s", BLUE), "averaged views": ("D", ORANGE)}  # marker, colour
LARGEST_ERROR = 0.06
PFLOP, GFLOP = 1e15, 1e9
MIN_VOTES = 3


def main() -> None:
    """Write the table of our networks and draw it among the published results."""
    params = Params.load()
    if not is_fashion_mnist(params):
        print(f"{FOLDER}: not changed, since the published results are for Fashion-MNIST")
        return
    networks = (row for name in params.networks for row in network_rows(name, params))
    ours = pd.DataFrame([plain_row(), *networks])
    write_csv(FOLDER / "ours.csv", ours)
    published = read_csv(FOLDER / "published.csv", ["result", "source", "caveat"])
    step = read_json(BENCHMARKS / "step.json")
    speed, cpu = step["avx2"]["gflops"]["median"], step["machine"]["cpu"]
    write_figure(FOLDER / "accuracy.png", draw(ours, published, speed, cpu), params.plot.dpi)
    print(ours.to_string(index=False))


def network_rows(network: str, params: Params) -> list[dict[str, Any]]:
    """The results of `network`: a row per kind of views, and one for the majority vote of seeds.

    Empty if the network has not been evaluated.
    """
    file = Path("reports") / network / "metrics.json"
    if not file.exists():
        return []
    model = params.networks[network]
    scores = seed_statistics(params, network) or read_json(file)[network]
    names = VIEWS if model.tta != "none" else {"accuracy": "one view"}
    pflop = training_pflop(model, load_split(PROCESSED, "train"))
    rows = [
        {"result": network, "views": views, "pflop": pflop, **accuracy_columns(scores[name])}
        for name, views in names.items()
    ]
    votes = seed_predictions(network, params)
    if (count := votes.shape[1]) >= MIN_VOTES:
        accuracy = majority_accuracy(votes, load_split(PROCESSED, "test").labels)
        ensemble = {"result": f"{count} x {network}", "pflop": count * pflop}
        rows.append({**rows[0], **ensemble, "accuracy": accuracy, "sd": None, "n": 1})
    return rows


def plain_row() -> dict[str, Any]:
    """The result of `benchmarks.plain`."""
    scores = read_json(BENCHMARKS / "baseline.json")[PLAIN]
    images = len(load_split(PROCESSED, "train").labels)
    pflop = training_flops(plain.make_network()) * plain.EPOCHS * images / PFLOP
    row = {"result": "plain script", "views": "one view", "pflop": pflop}
    return row | accuracy_columns(scores["accuracy"])


def accuracy_columns(score: float | Mapping[str, float]) -> dict[str, Any]:
    """The columns `accuracy`, `sd` and `n` of one score, or of the statistics of seeds."""
    if isinstance(score, Mapping):
        return {"accuracy": score["mean"], "sd": score["sd"], "n": score["n"]}
    return {"accuracy": score, "sd": None, "n": 1}


def majority_accuracy(votes: pd.DataFrame, labels: np.ndarray) -> float:
    """The accuracy of the majority vote of the columns of `votes`; ties go to the lowest label."""
    return float((votes.mode(axis="columns")[0] == labels).mean())


def training_pflop(model: Model, train: LabeledImages) -> float:
    """The operations of one training of `model` on `train`, in PFLOP."""
    classes = int(train.labels.max()) + 1
    count, height, width, *channels = train.images.shape
    sizes, steps = image_sizes((height, width), model.fit), steps_by_epoch(count, model.fit)
    flops_per_step = {
        size: model.fit.batch_size
        * training_flops(build(model.network, (*size, *channels), classes))
        for size in set(sizes)
    }
    per_epoch = (flops_per_step[size] * number for size, number in zip(sizes, steps, strict=True))
    return sum(per_epoch) / PFLOP


def draw(ours: pd.DataFrame, published: pd.DataFrame, gflops: float, cpu: str) -> Figure:
    """Test error against operations, both logarithmic; above, seconds at `gflops` GFLOP/s."""
    ours = ours[ours["accuracy"] > 1 - LARGEST_ERROR].fillna({"sd": 0})
    names = ours["result"].mask(ours.duplicated("result", keep="last"))
    ours = ours.assign(name=names, name_x=-7, name_y=0)
    accuracy = published[["lowest", "highest"]].mean(axis="columns")
    published = published.assign(accuracy=accuracy, sd=published["highest"] - accuracy)
    caveats = published["caveat"].notna()
    with mpl.rc_context(STYLE):
        figure = new_figure(5.4, 6.2)
        axes = figure.subplots()
        for views, style in MARKERS.items():
            points(axes, ours[ours["views"] == views], f"ours, {views}", style)
        points(axes, published[~caveats], "published, one view", ("o", "black"))
        points(axes, published[caveats], "published, with a caveat", ("^", RED))
        axes.margins(x=0.13, y=0.08)
        axes.set(xscale="log", xlabel="training, in PFLOP", yscale="log", ylabel="test error")
        axes.yaxis.set(
            major_locator=MultipleLocator(0.005), major_formatter=PercentFormatter(1, decimals=1)
        )
        axes.minorticks_off()
        seconds = partial(mul, PFLOP / GFLOP / gflops), partial(mul, gflops * GFLOP / PFLOP)
        above = axes.secondary_xaxis("top", functions=seconds)
        above.set_xlabel(f"seconds on two cores, at {gflops:.0f} GFLOP/s ({cpu})")
        axes.legend(loc="lower left", fontsize=8)
    return figure


def points(axes: Axes, rows: pd.DataFrame, label: str, style: tuple[str, str]) -> None:
    """Draw the test errors of `rows`, and write each name `name_x`, `name_y` points beside it."""
    marker, color = style
    axes.errorbar(
        rows["pflop"], 1 - rows["accuracy"], rows["sd"], fmt=marker, color=color, capsize=3,
        label=label,
    )  # fmt: skip
    for row in rows.dropna(subset="name").to_dict("records"):
        axes.annotate(
            row["name"], (row["pflop"], 1 - row["accuracy"]), (row["name_x"], row["name_y"]),
            textcoords="offset points", ha="right" if row["name_x"] < 0 else "left",
            va="center", color=color, fontsize=8,
        )  # fmt: skip


if __name__ == "__main__":
    cli.run(main)
