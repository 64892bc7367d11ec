"""Label noise: test images that all trainings call the same class, which is not their label.

What all trainings, of whatever network and seed, agree on against the label is likely to be
labelled wrongly, or cannot be told from the image. Nothing is trained or chosen by it.
In: `reports/NETWORK/predictions.csv`, and those of the seeds in `reports/benchmarks/` where the
settings are still theirs; `data/processed/test/`. Out, in `reports/label_noise/`: `images.csv` (row
in the test set, label, what it is called, mean confidence of the networks) and `gallery.png`.
Run: `python -m research.label_noise`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.seeds import predictions
from fashion import cli
from fashion.config.params import Params
from fashion.io.files import read_csv, read_json, read_npy, write_csv, write_figure
from fashion.plots.galleries import gallery
from fashion.plots.style import cmap_of, safe_labels

FOLDER = Path("reports/label_noise")
SHOWN = 24


def main() -> None:
    """Write the table and the gallery."""
    params = Params.load()
    classes = read_json("data/processed/classes.json")["classes"]
    labels = read_npy("data/processed/test/labels.npy")
    tables = [
        read_csv(file, ["actual", "predicted"])
        for name in params.networks
        if (file := Path("reports") / name / "predictions.csv").exists()
    ]
    number = {name: label for label, name in enumerate(classes)}
    called = [table["predicted"].map(number).to_numpy() for table in tables]
    called += [column for name in params.networks for column in of_seeds(name, params)]
    rows = agreed(np.stack(called), labels)
    confidence = np.mean([table["confidence"] for table in tables], axis=0)
    names = np.array(classes)
    found = pd.DataFrame(
        {
            "row": rows,
            "actual": names[labels[rows]],
            "predicted": names[called[0][rows]],
            "confidence": confidence[rows].round(4),
        }
    ).sort_values("confidence", ascending=False, kind="stable")
    write_csv(FOLDER / "images.csv", found)
    shown = found.head(SHOWN).replace(
        {key: safe_labels(classes) for key in ("actual", "predicted")}
    )
    images = read_npy("data/processed/test/images.npy")[shown["row"]]
    title = f"{len(rows)} of {len(labels):,} test images, by all {len(called)} trainings"
    figure = gallery(images, shown, title, cmap_of(params.data.preprocessing))
    write_figure(FOLDER / "gallery.png", figure, params.plot.dpi)
    print(f"{FOLDER}: {title} called the same other class")


def of_seeds(network: str, params: Params) -> list[np.ndarray]:
    """The labels that trainings of `network` with other seeds predict, where known."""
    committed = f"seed_{params.train.seed}"
    return [*predictions(network, params).drop(columns=committed, errors="ignore").to_numpy().T]


def agreed(called: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The rows (int64) where all of `called` ([trainings, images]) are equal and no label is.

    >>> agreed(np.array([[0, 1, 2], [0, 1, 1]]), np.array([0, 2, 0]))
    array([1])
    """
    return np.flatnonzero((called == called[0]).all(axis=0) & (called[0] != labels))


if __name__ == "__main__":
    cli.run(main)
