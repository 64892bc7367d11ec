"""Label noise: test images for which all trainings predict the same class, but not the label.

If all networks and seeds agree on another class, the label is probably wrong, or the class cannot
be seen in the image. The result is not used for training or for choosing anything.
In: `reports/NETWORK/predictions.csv`, the predictions of other seeds in `reports/benchmarks/` if
the settings have not changed, and `data/processed/test/`. Out, in `reports/label_noise/`:
`images.csv` (index of the test image, label, predicted class, mean confidence of the networks) and
`gallery.png`.
Run: `python -m research.label_noise`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.seeds import seed_predictions
from fashion import cli
from fashion.config.params import Params
from fashion.io.files import read_csv, read_json, write_csv, write_figure
from fashion.io.labeled_images import load_split
from fashion.plots.galleries import gallery
from fashion.plots.style import cmap_of, safe_labels

FOLDER = Path("reports/label_noise")
MAX_IMAGES = 24  # in the gallery


def main() -> None:
    """Write the table and the gallery."""
    params = Params.load()
    classes = read_json("data/processed/classes.json")["classes"]
    images, labels = load_split("data/processed", "test")
    tables = [
        read_csv(file, ["actual", "predicted"])
        for name in params.networks
        if (file := Path("reports") / name / "predictions.csv").exists()
    ]
    label_of = {name: label for label, name in enumerate(classes)}
    predicted = [table["predicted"].map(label_of).to_numpy() for table in tables]
    for network in params.networks:
        predicted += other_seeds(network, params)
    indices = agreed(np.stack(predicted), labels)
    names = np.array(classes)
    confidence = np.mean([table["confidence"] for table in tables], axis=0)
    noise = pd.DataFrame(
        {
            "index": indices,
            "actual": names[labels[indices]],
            "predicted": names[predicted[0][indices]],
            "confidence": confidence[indices].round(4),
        }
    ).sort_values("confidence", ascending=False, kind="stable")
    write_csv(FOLDER / "images.csv", noise)
    captions = safe_labels(classes)
    rows = noise.head(MAX_IMAGES).replace({"actual": captions, "predicted": captions})
    title = (
        f"{len(noise)} of {len(labels):,} test images, "
        f"which all {len(predicted)} trainings misclassify alike"
    )
    figure = gallery(images[rows["index"]], rows, title, cmap_of(params.data.preprocessing))
    write_figure(FOLDER / "gallery.png", figure, params.plot.dpi)
    print(f"{FOLDER}: {title}")


def other_seeds(network: str, params: Params) -> list[np.ndarray]:
    """The labels that `network` predicts when trained with other seeds, if they are known."""
    committed = f"seed_{params.train.seed}"
    table = seed_predictions(network, params).drop(columns=committed, errors="ignore")
    return [*table.to_numpy().T]


def agreed(predicted: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The indices (int64) of images for which all trainings predict the same wrong class.

    `predicted` is [trainings, images].

    >>> agreed(np.array([[0, 1, 2], [0, 1, 1]]), np.array([0, 2, 0]))
    array([1])
    """
    same = (predicted == predicted[0]).all(axis=0)
    return np.flatnonzero(same & (predicted[0] != labels))


if __name__ == "__main__":
    cli.run(main)
