"""Export one trained network to ONNX and LiteRT, and compare both with Keras.

In: `models/NETWORK.keras`, `data/processed/`, `reports/NETWORK/ood_threshold.json`; `export`,
`ood_detection`, `data` and `train.threads` of `params.yaml`. Out: `models/NETWORK.onnx`,
`.tflite`, `.float16.tflite` and `.int8.tflite`; `reports/NETWORK/export.json` with the size of each
format, its tolerance and its accuracy. Run: `python -m stages.export mlp`.
"""

from pathlib import Path

from fashion import cli
from fashion.config.data import Data
from fashion.config.stages import Export, OodDetection, Train
from fashion.inference.knn import sample_per_class
from fashion.io.files import read_json, replacing, sha256, write_json
from fashion.io.labeled_images import load_split
from fashion.models.determinism import make_deterministic


def main(
    network: str,
    processed: str = "data/processed",
    models: str = "models",
    reports: str = "reports",
    params_file: str = "params.yaml",
) -> None:
    """Write every format of the saved model of `network`, or none if one differs from Keras."""
    params, ood_params = Export.load(params_file), OodDetection.load(params_file)
    data, threads = Data.load(params_file), Train.load(params_file).threads
    make_deterministic(seed=0, threads=threads)
    from fashion.export import parity
    from fashion.export.formats import make_files
    from fashion.export.provenance import data_digest
    from fashion.inference.model import make_bank, make_inference_model, predict
    from fashion.models.saving import read_model

    path, report = Path(models) / f"{network}.keras", Path(reports) / network
    train, validation, test = (load_split(processed, s) for s in ("train", "validation", "test"))
    model = make_inference_model(read_model(path))
    bank, k = make_bank(model, train, ood_params.knn_bank_size), ood_params.k
    metadata = {
        "name": network,
        "classes": read_json(f"{processed}/classes.json")["classes"],
        "image_shape": train.images.shape[1:],
        "channels": data.channels,
        "preprocessing": data.preprocessing,
        "dataset": data.name,
        "dataset_license": data.license or "",
        "dataset_sha256": data_digest(*train),
        "model_sha256": sha256(path),
        **read_json(report / "ood_threshold.json"),
        "min_confidence": params.min_confidence,
    }
    chosen = sample_per_class(train.labels, params.representative_images, seed=0)
    images, weights = [train.images[index] for index in chosen], params.onnx_weights
    files = make_files(model, bank, k, images, metadata, onnx_weights=weights)
    outputs = predict(model, validation.images)
    expected = {
        "probabilities": outputs["probabilities"],
        "ood_score": bank.distances(outputs["features"], k),
    }
    lossy = {*parity.LOSSY, *(["onnx"] if weights == "float16" else [])}
    results = parity.compare(files, validation, test, expected, threads, lossy=lossy)

    for suffix, content in files.items():
        with replacing(path.with_suffix(f".{suffix}")) as unfinished:
            unfinished.write_bytes(content)
    write_json(report / "export.json", results)
    sizes = ", ".join(f"{suffix} {len(content):,}" for suffix, content in files.items())
    print(f"{network}: bytes of {sizes}")


if __name__ == "__main__":
    cli.run_stage(main, "network")
