"""Plot: the figures of one network's training and of its predictions.

In: what `train` and `evaluate` wrote to `reports/NETWORK/`, the test images and the names of
classes; `plot` and `data.preparation` of `params.yaml`. Out, in `reports/NETWORK/figures/`:
`curves.png`, `confusion.png`, `confusion_normalized.png`, `class_scores.png`, `reliability.png`,
`mistakes.png`, `examples.png`. Run: `python -m stages.plot mlp`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fashion import cli
from fashion.files import read_csv, read_json, read_npy, write_figure
from fashion.params.data import Data
from fashion.params.plot import Plot
from fashion.plots import curves, pictures, scores
from fashion.plots.style import drawable, greys_of

EXAMPLE_CLASSES = 25  # have room in one figure


def main(
    network: str,
    processed: str = "data/processed",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Draw every figure of `network`."""
    params, greys = Plot.load(params_file), greys_of(Data.load(params_file).preparation)
    shown_as = drawable(read_json(f"{processed}/classes.json")["classes"])
    report, names = Path(reports) / network, [*shown_as.values()]
    predictions = read_csv(report / "predictions.csv", text_columns=("actual", "predicted"))
    predictions = predictions.replace({"actual": shown_as, "predicted": shown_as})
    classes = read_csv(report / "per_class.csv", text_columns=("class",))
    classes = classes.replace({"class": shown_as})
    images = read_npy(f"{processed}/test/images.npy")
    wrong = confident_mistakes(predictions, params.mistakes)
    worst = worst_classes(classes, EXAMPLE_CLASSES)
    shown = examples(predictions, worst, params.examples)
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    matrix = counts.reindex(index=names, columns=names, fill_value=0).to_numpy()
    figures = {
        "curves": curves.curves(read_csv(report / "history.csv"), network),
        "confusion": scores.confusion(matrix, names, network, normalized=False),
        "confusion_normalized": scores.confusion(matrix, names, network, normalized=True),
        "class_scores": scores.class_scores(classes, network),
        "reliability": scores.reliability(
            read_csv(report / "reliability.csv"),
            read_json(report / "metrics.json")["ece"],
            network,
        ),
        "mistakes": pictures.mistakes(images[wrong], predictions.loc[wrong], network, greys),
        "examples": pictures.examples(
            [images[rows] for rows in shown],
            [predictions["predicted"][rows].tolist() for rows in shown],
            worst,
            network,
            classes=len(names),
            greys=greys,
        ),
    }
    for name, figure in figures.items():
        write_figure(report / "figures" / f"{name}.png", figure, params.dpi)
    print(f"{network}: {len(figures)} figures in {report / 'figures'}")


def confident_mistakes(predictions: pd.DataFrame, count: int) -> np.ndarray:
    """The rows (int [at most count]) that were wrong, most confident first."""
    wrong = predictions[predictions["actual"] != predictions["predicted"]]
    ordered = wrong.sort_values("confidence", ascending=False, kind="stable")
    return ordered.index[:count].to_numpy()


def worst_classes(classes: pd.DataFrame, count: int) -> list[str]:
    """The names of the `count` classes with the lowest F1, or of all, in the order of labels."""
    worst = classes.sort_values("f1", kind="stable").index[:count]
    return classes["class"][worst.sort_values()].tolist()


def examples(predictions: pd.DataFrame, names: Sequence[str], count: int) -> list[np.ndarray]:
    """Rows (int [at most count] for each name) evenly spread from the most confident of it on."""
    ordered = predictions.sort_values("confidence", ascending=False, kind="stable")
    found = [ordered.index[ordered["actual"] == name].to_numpy() for name in names]
    spread = [np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int) for rows in found]
    return [rows[places] for rows, places in zip(found, spread, strict=True)]


if __name__ == "__main__":
    cli.run_stage(main, "network")
