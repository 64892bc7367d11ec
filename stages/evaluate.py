"""Evaluate: one trained network on the test images, which no other stage but the plots reads.

In: `models/NETWORK.keras`, its SHA-256 in `reports/NETWORK/model.json`,
`data/processed/test_*.npy`, `evaluate` of `params.yaml`.
Out, in `reports/NETWORK/`: `metrics.json`, `predictions.csv` (true and predicted class and the
confidence, a row for each test image) and `reliability.csv` (a row for each confidence bin).
Run: `python -m stages.evaluate mlp`.
"""

from functools import partial
from pathlib import Path

import pandas as pd

from fashion import command, scores
from fashion.artifacts import read_json, read_npy, write_csv, write_json
from fashion.dataset import CLASS_NAMES
from fashion.params import load_params
from fashion.runtime import make_deterministic
from fashion.views import predict_views


def main(
    network: str,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Judge the saved model of `network` and write what the plots and DVC show."""
    params = load_params(params_file)
    settings, threads = params.evaluate, params.train.threads
    make_deterministic(seed=0, threads=threads)
    from fashion.archive import read_model

    report = Path(reports) / network
    model = read_model(
        Path(models) / f"{network}.keras", sha256=read_json(report / "model.json")["sha256"]
    )
    images = read_npy(f"{processed}/test_images.npy")
    labels = read_npy(f"{processed}/test_labels.npy")
    predict = partial(model.predict, batch_size=settings.batch_size, verbose=0)
    views = predict_views(predict, images, settings.views[network])
    probabilities = views.mean(axis=0)
    metrics, reliability = scores.report(
        probabilities,
        labels,
        CLASS_NAMES,
        level=settings.confidence_level,
        bins=settings.calibration_bins,
    )
    predictions = pd.DataFrame(
        {
            "actual": [CLASS_NAMES[label] for label in labels],
            "predicted": [CLASS_NAMES[label] for label in probabilities.argmax(axis=1)],
            "confidence": probabilities.max(axis=1).astype(float).round(scores.DIGITS),
        }
    )
    metrics["single_view_accuracy"] = round(scores.accuracy(views[0], labels), scores.DIGITS)
    metrics["parameters"] = model.count_params()
    write_json(report / "metrics.json", metrics)
    write_csv(report / "predictions.csv", predictions)
    write_csv(report / "reliability.csv", reliability)
    print(f"{network}: test accuracy {metrics['accuracy']:.4f}, loss {metrics['loss']:.4f}")


if __name__ == "__main__":
    command.run_stage(main, "network")
