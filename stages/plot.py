"""Plot: the pictures of one network's training and of its predictions.

In: what `train` and `evaluate` wrote to `reports/NETWORK/`, the test images, `plot` of
`params.yaml`. Out, in `reports/NETWORK/`: `curves.png`, `confusion.png`,
`confusion_normalized.png`, `class_scores.png`, `reliability.png`, `mistakes.png`,
`examples.png`. Run: `python -m stages.plot mlp`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fashion import command, figures
from fashion.artifacts import read_csv, read_json, read_npy, write_figure
from fashion.dataset import CLASS_NAMES
from fashion.params import load_params

METRICS = ("train/loss", "eval/loss", "train/accuracy", "eval/accuracy")
COLUMNS = ("loss", "val_loss", "accuracy", "val_accuracy")


def main(
    network: str,
    processed: str = "data/processed",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Draw every picture of `network`."""
    params = load_params(params_file)
    report = Path(reports) / network
    metrics = read_json(report / "metrics.json")
    predictions = read_csv(report / "predictions.csv", text_columns=("actual", "predicted"))
    images = read_npy(f"{processed}/test_images.npy")
    wrong = _confident_mistakes(predictions, params.plot.mistakes)
    shown = _examples(predictions, params.plot.examples)
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    matrix = counts.reindex(index=CLASS_NAMES, columns=CLASS_NAMES, fill_value=0).to_numpy()
    drawn = {
        "curves": figures.curves(_history(report / "history"), network),
        "confusion": figures.confusion(matrix, CLASS_NAMES, network, normalized=False),
        "confusion_normalized": figures.confusion(matrix, CLASS_NAMES, network, normalized=True),
        "class_scores": figures.class_scores(
            pd.DataFrame.from_dict(metrics["per_class"], orient="index"), network
        ),
        "reliability": figures.reliability(
            read_csv(report / "reliability.csv"), metrics["ece"], network
        ),
        "mistakes": figures.mistakes(images[wrong], predictions.loc[wrong], network),
        "examples": figures.examples(
            images[shown], predictions.loc[shown.ravel()], CLASS_NAMES, network
        ),
    }
    for name, figure in drawn.items():
        write_figure(report / f"{name}.png", figure, params.plot.dpi)
    print(f"{network}: {len(drawn)} pictures in {report}")


def _history(folder: Path) -> pd.DataFrame:
    """One row per epoch, out of the one file per metric that DVCLive writes."""
    files = [folder / "plots" / "metrics" / f"{metric}.tsv" for metric in METRICS]
    tables = [read_csv(file, separator="\t") for file in files]
    columns = {name: table.iloc[:, -1] for name, table in zip(COLUMNS, tables, strict=True)}
    return pd.DataFrame({"epoch": tables[0]["step"] + 1, **columns})


def _confident_mistakes(predictions: pd.DataFrame, count: int) -> np.ndarray:
    """The rows (int [at most count]) that were wrong, most confident first."""
    wrong = predictions[predictions["actual"] != predictions["predicted"]]
    ordered = wrong.sort_values("confidence", ascending=False, kind="stable")
    return ordered.index[:count].to_numpy()


def _examples(predictions: pd.DataFrame, count: int) -> np.ndarray:
    """Rows (int [classes, count]) evenly spread from the surest of each class to the least sure."""
    ordered = predictions.sort_values("confidence", ascending=False, kind="stable")
    rows = [ordered.index[ordered["actual"] == name].to_numpy() for name in CLASS_NAMES]
    return np.stack([row[np.linspace(0, len(row) - 1, count).astype(int)] for row in rows])


if __name__ == "__main__":
    command.run_stage(main, "network")
