"""Evaluate: one trained network on the test images, which no training reads.

In: `models/NETWORK.keras`, `data/processed/{test,validation}/` and `classes.json`; `evaluate`,
`train.threads` and `models.NETWORK.tta` of `params.yaml`. Out, in `reports/NETWORK/`:
`metrics.json` (of the test images; `val_*` of the validation images, without TTA),
`per_class.csv`, `predictions.csv` (true and predicted class and the confidence, a row for each test
image) and `reliability.csv` (a row for each confidence bin). Run: `python -m stages.evaluate mlp`.
"""

from pathlib import Path

import pandas as pd

from fashion import cli
from fashion.batching import predict_in_batches
from fashion.config.model import Model
from fashion.config.stages import Evaluate, Train
from fashion.determinism import make_deterministic
from fashion.evaluation import metrics
from fashion.evaluation.calibration import reliability
from fashion.evaluation.tta import predict_average
from fashion.files import read_json, read_npy, write_csv, write_json


def main(
    network: str,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Evaluate the saved model of `network` and write what the figures and DVC show."""
    params = Evaluate.load(params_file)
    tta = Model.load(network, params_file, parts=["tta"]).tta
    make_deterministic(seed=0, threads=Train.load(params_file).threads)
    from fashion.models.saving import read_model

    report = Path(reports) / network
    model = read_model(Path(models) / f"{network}.keras")
    (images, labels), (val_images, val_labels) = (
        [read_npy(f"{processed}/{part}/{kind}.npy") for kind in ("images", "labels")]
        for part in ("test", "validation")
    )
    predict = model.predict_on_batch
    single, probabilities = predict_average(predict, images, tta, params.batch_size)
    predicted = probabilities.argmax(axis=1)
    val_probabilities = predict_in_batches(predict, val_images, params.batch_size)
    validation = metrics.summary(val_probabilities, val_labels, params.reliability_bins)
    scores = {
        **metrics.summary(probabilities, labels, params.reliability_bins),
        "accuracy_without_tta": metrics.accuracy(single, labels),
        "val_accuracy": validation["accuracy"],
        "val_loss": validation["loss"],
        "parameters": model.count_params(),
    }
    classes = read_json(f"{processed}/classes.json")["classes"]
    predictions = {
        "actual": pd.Categorical.from_codes(labels, classes),  # a byte each, whatever the names
        "predicted": pd.Categorical.from_codes(predicted, classes),
        "confidence": probabilities.max(axis=1).astype(float).round(metrics.DIGITS),
    }
    write_json(report / "metrics.json", scores)
    write_csv(report / "per_class.csv", metrics.per_class(predicted, labels, classes))
    write_csv(report / "predictions.csv", pd.DataFrame(predictions))
    bins = reliability(probabilities, labels, params.reliability_bins)
    write_csv(report / "reliability.csv", bins)
    print(f"{network}: test accuracy {scores['accuracy']:.4f}, loss {scores['loss']:.4f}")


if __name__ == "__main__":
    cli.run_stage(main, "network")
