"""Plot: the figures of one network's training and of its predictions.

In: what `train` and `evaluate` wrote to `reports/NETWORK/`, the test images and the names of
classes; `plot` of `params.yaml`. Out, in `reports/NETWORK/figures/`: `curves.png`, `confusion.png`,
`confusion_normalized.png`, `class_scores.png`, `reliability.png`, `mistakes.png`, `examples.png`.
Run: `python -m stages.plot mlp`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fashion import cli
from fashion.files import read_csv, read_json, read_npy, write_figure
from fashion.params.plot import Plot
from fashion.plots import curves, pictures, scores


def main(
    network: str,
    processed: str = "data/processed",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Draw every figure of `network`."""
    params, names = Plot.load(params_file), read_json(f"{processed}/classes.json")["classes"]
    report = Path(reports) / network
    predictions = read_csv(report / "predictions.csv", text_columns=("actual", "predicted"))
    images = read_npy(f"{processed}/test/images.npy")
    wrong = confident_mistakes(predictions, params.mistakes)
    shown = examples(predictions, names, params.examples)
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    matrix = counts.reindex(index=names, columns=names, fill_value=0).to_numpy()
    figures = {
        "curves": curves.curves(read_csv(report / "history.csv"), network),
        "confusion": scores.confusion(matrix, names, network, normalized=False),
        "confusion_normalized": scores.confusion(matrix, names, network, normalized=True),
        "class_scores": scores.class_scores(
            read_csv(report / "per_class.csv", text_columns=("class",)), network
        ),
        "reliability": scores.reliability(
            read_csv(report / "reliability.csv"),
            read_json(report / "metrics.json")["ece"],
            network,
        ),
        "mistakes": pictures.mistakes(images[wrong], predictions.loc[wrong], network),
        "examples": pictures.examples(
            images[shown], predictions.loc[shown.ravel()], names, network
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


def examples(predictions: pd.DataFrame, names: Sequence[str], count: int) -> np.ndarray:
    """Rows (int [classes, count]) evenly spread from the most confident of each class on."""
    ordered = predictions.sort_values("confidence", ascending=False, kind="stable")
    rows = [ordered.index[ordered["actual"] == name].to_numpy() for name in names]
    return np.stack([row[np.linspace(0, len(row) - 1, count).astype(int)] for row in rows])


if __name__ == "__main__":
    cli.run_stage(main, "network")
