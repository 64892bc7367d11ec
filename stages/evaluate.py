"""Evaluate one trained network on the test images, which are never used for training or search.

In: `models/NETWORK.keras`, `data/processed/`; `evaluate`, `ood_detection`, `train.threads` and
`models.NETWORK.tta` of `params.yaml`. Out, in `reports/NETWORK/`: `metrics.json`,
`per_class.csv`, `predictions.csv` (a row for each test image), `reliability.csv` (a row for each
confidence bin), `ood.csv` (detection of images that show none of the classes) and
`ood_threshold.json`. Run: `python -m stages.evaluate mlp`.
"""

from pathlib import Path

from fashion import cli
from fashion.collapse import describe_collapse
from fashion.config.model import Model
from fashion.config.stages import Evaluate, OodDetection, Train
from fashion.io.files import read_csv, read_json, write_csv, write_json
from fashion.io.labeled_images import load_split
from fashion.models.determinism import make_deterministic


def main(
    network: str,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Evaluate the saved model of `network`, and write its metrics and tables."""
    params, ood_params = Evaluate.load(params_file), OodDetection.load(params_file)
    tta = Model.load(network, params_file, sections=["tta"]).tta
    make_deterministic(seed=0, threads=Train.load(params_file).threads)
    from fashion.evaluation import metrics
    from fashion.evaluation.ood_detection import evaluate_ood
    from fashion.evaluation.reliability import reliability
    from fashion.evaluation.tta import predict_average
    from fashion.inference.model import make_inference_model
    from fashion.models.layers import trainable_parameters
    from fashion.models.saving import read_model

    train, validation, test = (load_split(processed, s) for s in ("train", "validation", "test"))
    classes = read_json(f"{processed}/classes.json")["classes"]
    model, bins = read_model(Path(models) / f"{network}.keras"), params.reliability_bins
    predict = model.predict_on_batch
    single, probabilities = predict_average(predict, test.images, tta, params.batch_size)
    val_single, _ = predict_average(predict, validation.images, "none", params.batch_size)
    val_scores = metrics.compute_metrics(val_single, validation.labels, bins)
    ood = evaluate_ood(
        make_inference_model(model), train, validation.images, test.images, ood_params
    )
    table = read_csv(f"{processed}/files.csv", text_columns=("split", "file"))
    files = table.loc[table["split"] == "test", "file"]
    predictions = metrics.predictions(probabilities, test.labels, classes, files)
    scores = {
        **metrics.compute_metrics(probabilities, test.labels, bins),
        "accuracy_without_tta": metrics.accuracy(single, test.labels),
        "val_accuracy_without_tta": val_scores["accuracy"],
        "val_loss_without_tta": val_scores["loss"],
        **ood.metrics,
        "parameters": trainable_parameters(model),
    }
    report = Path(reports) / network
    write_json(report / "metrics.json", {network: scores})  # DVC names them NETWORK.SCORE
    write_csv(report / "per_class.csv", metrics.per_class(probabilities, test.labels, classes))
    write_csv(report / "predictions.csv", predictions)
    write_csv(report / "reliability.csv", reliability(probabilities, test.labels, bins))
    write_csv(report / "ood.csv", ood.table)
    threshold = {"ood_threshold": ood.threshold, "target_fpr": ood_params.target_fpr}
    write_json(report / "ood_threshold.json", threshold)
    collapse = describe_collapse(test.labels, probabilities.argmax(axis=1), classes)
    print(
        f"{network}: test accuracy {scores['accuracy']:.4f}, loss {scores['loss']:.4f}"
        f"{collapse and f'; {collapse}'}"
    )


if __name__ == "__main__":
    cli.run_stage(main, "network")
