"""Plot: draw the figures of one network.

In: what `train` and `evaluate` wrote to `reports/NETWORK/`, the test images and the class names;
`plot` and `data.preprocessing` of `params.yaml`. Out, in `reports/NETWORK/figures/`: `curves.png`,
`confusion.png`, `confusion_normalized.png`, `class_scores.png`, `reliability.png`, `mistakes.png`,
`examples.png`. Run: `python -m stages.plot mlp`.
"""

from pathlib import Path

import pandas as pd

from fashion import cli
from fashion.config.data import Data
from fashion.config.stages import Plot
from fashion.io.files import read_csv, read_json, read_npy, write_figure
from fashion.plots import curves, galleries, scores, select_examples
from fashion.plots.style import cmap_of, safe_labels

MAX_CLASSES = 25  # in the figure of examples


def main(
    network: str,
    processed: str = "data/processed",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Draw every figure of `network`."""
    params, cmap = Plot.load(params_file), cmap_of(Data.load(params_file).preprocessing)
    labels = safe_labels(read_json(f"{processed}/classes.json")["classes"])
    report, names = Path(reports) / network, [*labels.values()]
    predictions = read_csv(report / "predictions.csv", text_columns=("file", "actual", "predicted"))
    predictions = predictions.replace({"actual": labels, "predicted": labels})
    classes = read_csv(report / "per_class.csv", text_columns=("class",)).replace({"class": labels})
    images = read_npy(f"{processed}/test/images.npy")
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    matrix = counts.reindex(index=names, columns=names, fill_value=0).to_numpy()
    bins = read_csv(report / "reliability.csv")
    ece = read_json(report / "metrics.json")[network]["ece"]
    wrong = select_examples.confident_mistakes(predictions, params.mistakes)
    worst = select_examples.worst_classes(classes, MAX_CLASSES)
    examples = select_examples.examples(predictions, worst, params.examples)
    figures = {
        "curves": curves.curves(read_csv(report / "history.csv"), network),
        "confusion": scores.confusion(matrix, names, network, normalized=False),
        "confusion_normalized": scores.confusion(matrix, names, network, normalized=True),
        "class_scores": scores.class_scores(classes, network),
        "reliability": scores.reliability(bins, ece, network),
        "mistakes": galleries.gallery(
            [images[index] for index in wrong],
            predictions.loc[wrong],
            f"{network}: the most confident mistakes",
            cmap,
        ),
        "examples": galleries.examples(
            [[images[index] for index in indices] for indices in examples],
            [predictions["predicted"][indices].tolist() for indices in examples],
            worst,
            network,
            classes=len(names),
            cmap=cmap,
        ),
    }
    for name, figure in figures.items():
        write_figure(report / "figures" / f"{name}.png", figure, params.dpi)
    print(f"{network}: {len(figures)} figures in {report / 'figures'}")


if __name__ == "__main__":
    cli.run_stage(main, "network")
