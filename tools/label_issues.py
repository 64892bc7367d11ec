"""Label issues: find training images whose labels are probably wrong.

A network is trained `folds` times, each time without the images of one fold, which it then
predicts. cleanlab compares these predictions with the labels.
In: `data/processed/`; `label_issues`, `models`, `train` and `plot.dpi` of `params.yaml`. Out, in
`reports/label_issues/`: `images.csv`, with the most suspicious image first, and `gallery.png`.
Run: `python -m tools.label_issues NETWORK`; without a name, it takes the network of `tune`. If
interrupted, it resumes after the last complete epoch.
Source: Northcutt, Jiang and Chuang, "Confident Learning", arxiv.org/abs/1911.00068.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from benchmarks.runs import prepare_folder, run
from fashion import cli
from fashion.config.loader import ParamsError
from fashion.config.params import Params
from fashion.config.stages import Train
from fashion.export.provenance import data_digest
from fashion.io.batching import predict
from fashion.io.files import read_csv, read_json, read_npy, write_csv, write_figure, write_npy
from fashion.io.labeled_images import LabeledImages, load_split, npy_files
from fashion.models.determinism import make_deterministic
from fashion.plots.galleries import gallery
from fashion.plots.style import cmap_of, safe_labels

PROCESSED = Path("data/processed")
REPORT = Path("reports/label_issues")
RUNS = Path(".runs/label_issues")


def main(network: str = "") -> None:
    """Train the folds, and write the table and the gallery."""
    params = Params.load()
    network = network or params.tune.network
    if network not in params.models:
        raise ParamsError(f"expected one of {', '.join(params.models)}; received {network}")
    train = load_split(PROCESSED, "train")
    probabilities = out_of_fold(network, train, params)
    from cleanlab.filter import find_label_issues

    issues = find_label_issues(
        train.labels.astype(int), probabilities, return_indices_ranked_by="self_confidence"
    )
    table = describe(train, probabilities)
    rows = table.iloc[issues]
    write_csv(REPORT / "images.csv", rows)
    shown = rows.head(params.label_issues.images)
    title = f"{len(rows)} of {len(table):,} training images have labels that are probably wrong"
    cmap = cmap_of(params.data.preprocessing)
    captions = safe_labels(read_json(PROCESSED / "classes.json")["classes"])
    captioned = shown.replace({"actual": captions, "predicted": captions})
    figure = gallery(train.images[shown["index"]], captioned, title, cmap)
    write_figure(REPORT / "gallery.png", figure, params.plot.dpi)
    print(f"{title}: see {REPORT}/gallery.png and images.csv")


def out_of_fold(network: str, train: LabeledImages, params: Params) -> np.ndarray:
    """Predict each image with `network`, trained on other images: float32 [count, classes]."""
    settings = params.label_issues
    description = [
        settings.model_dump(mode="json", exclude={"images"}),
        params.models[network].model_dump(mode="json"),
        params.train.model_dump(mode="json"),
        data_digest(*train),
    ]
    digest = hashlib.sha256(json.dumps(description).encode()).hexdigest()[:8]
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=params.train.seed)
    probabilities = np.empty((len(train.labels), int(train.labels.max()) + 1), np.float32)
    for fold, (others, held_out) in enumerate(folds.split(train.labels, train.labels)):
        file = RUNS / f"{digest}-{fold}.npy"
        if not file.exists():
            print(f"fold {fold + 1} of {settings.folds}", flush=True)
            changes = {f"models.{network}.fit.epochs": settings.epochs}
            prepare_folder(file.with_suffix(""), changes, Path("data/backbones"), "data/backbones")
            predicted = predict_fold(network, file.with_suffix(""), train, (others, held_out))
            write_npy(file, predicted, np.arange(len(predicted)))
        probabilities[held_out] = read_npy(file)
    return probabilities


def predict_fold(
    network: str, folder: Path, train: LabeledImages, indices: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Train `network` in `folder` on the images with the first `indices`; predict the others."""
    (others, held_out), processed = indices, folder / PROCESSED
    for path, values in zip(npy_files(processed, "train"), train, strict=True):
        write_npy(path, values, others)
    if not (processed / "validation").exists():
        (processed / "validation").symlink_to((PROCESSED / "validation").resolve())
    run("stages.train", network, folder=folder)
    make_deterministic(seed=0, threads=Train.load().threads)
    from fashion.models.saving import read_model

    model = read_model(folder / f"models/{network}.keras")
    predicted = predict(model, train.images, held_out)
    shutil.rmtree(folder)
    return predicted


def describe(train: LabeledImages, probabilities: np.ndarray) -> pd.DataFrame:
    """A row per training image: index, file, label, predicted class and its confidence."""
    from fashion.evaluation.metrics import predictions

    files = read_csv(PROCESSED / "files.csv", text_columns=("split", "file"))
    names = files.loc[files["split"] == "train", "file"]
    classes = read_json(PROCESSED / "classes.json")["classes"]
    table = predictions(probabilities, train.labels, classes, names)
    table.insert(0, "index", np.arange(len(table)))
    return table.astype({"actual": str, "predicted": str})


if __name__ == "__main__":
    cli.run(main, "network", resumes_after="epoch")
