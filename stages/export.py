"""Export: one trained network in ONNX and LiteRT, compared with Keras on all test images.

In: `models/NETWORK.keras`, `data/processed/`, `reports/NETWORK/metrics.json`; `export`,
`train.threads`, and what `data` says of them, of `params.yaml`. Out: `models/NETWORK.onnx`, which
also tells how far an image is from the training images; `models/NETWORK.tflite`, `.float16.tflite`
and `.int8.tflite`; in `reports/NETWORK/`: `export.json` (size, difference from Keras and accuracy
of each format) and `ood.csv` (how well images of no class are told from the others).
Run: `python -m stages.export mlp`.
"""

from functools import partial
from itertools import chain
from pathlib import Path

from fashion import cli
from fashion.batching import predict_in_batches
from fashion.config.data import Data
from fashion.config.stages import Export, Train
from fashion.determinism import make_deterministic
from fashion.evaluation import ood_detection
from fashion.evaluation.ood_images import ood_images
from fashion.files import read_json, read_npy, replacing, sha256, write_csv, write_json

SEED = 0  # of which training images are kept, and of the images of no class
OOD_IMAGES = 1000  # of each kind


def main(
    network: str,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Write every format of the saved model of `network`, and none if one differs from Keras."""
    params, data = Export.load(params_file), Data.load(params_file)
    threads = Train.load(params_file).threads
    make_deterministic(SEED, threads)
    from fashion.export import formats, parity
    from fashion.export.onnx_knn import select
    from fashion.export.provenance import data_digest
    from fashion.inference_model import make_inference_model
    from fashion.models.saving import read_model

    path, report = Path(models) / f"{network}.keras", Path(reports) / network
    train, validation, test = (
        [read_npy(f"{processed}/{part}/{kind}.npy") for kind in ("images", "labels")]
        for part in ("train", "validation", "test")
    )
    scores = read_json(report / "metrics.json")
    metrics = {"accuracy": scores["accuracy_without_tta"]}  # one view, as these formats
    metrics |= {name: scores[name] for name in ("val_accuracy", "val_loss", "parameters")}
    model = read_model(path)
    predictions = make_inference_model(model)
    kept = select(train[1], params.knn_bank_size, SEED)
    graph = formats.make_graph(predictions, train[0], kept, params.k)
    session = parity.onnx_session(graph.SerializeToString(), threads)
    run = partial(parity.run_session, session, names=["distance", "logits"])
    familiar = ood_detection.scores(run(validation[0]))
    kinds = chain([("test images", test[0])], ood_images(test[0], OOD_IMAGES, SEED))
    found = ood_detection.joined((kind, ood_detection.scores(run(some))) for kind, some in kinds)
    table = ood_detection.detection(familiar, found, params.target_fpr)
    del run, session  # the converters need the memory of a large network's weights
    metadata = {
        "name": network,
        "classes": read_json(f"{processed}/classes.json")["classes"],
        "image_shape": train[0].shape[1:],
        "channels": data.channels,
        "preprocessing": data.preprocessing,
        "data": data.name,
        "data_license": data.license or "",
        "data_sha256": data_digest(*train),
        "model_sha256": sha256(path),
        "metrics": metrics,
        "ood_threshold": ood_detection.threshold(familiar["distance"], params.target_fpr),
        "target_fpr": params.target_fpr,
        "min_confidence": params.min_confidence,
    }
    ranges = [train[0][row] for row in select(train[1], params.representative_images, SEED)]
    files = formats.make_files(predictions, graph, ranges, metadata)
    expected = predict_in_batches(model.predict_on_batch, test[0], parity.BATCH)
    rows = parity.compare(files, test[0], test[1], expected, threads)

    for suffix, content in files.items():
        with replacing(path.with_suffix(f".{suffix}")) as unfinished:
            unfinished.write_bytes(content)
    write_json(report / "export.json", rows)
    write_csv(report / "ood.csv", table)
    sizes = ", ".join(f"{suffix} {len(content):,}" for suffix, content in files.items())
    print(f"{network}: bytes of {sizes}")


if __name__ == "__main__":
    cli.run_stage(main, "network")
