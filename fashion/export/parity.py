"""Compare the exported formats, each in its own runtime, with Keras."""

import os
from collections.abc import Container, Iterator, Mapping, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from sklearn.metrics import accuracy_score

from fashion.export.errors import ExportError
from fashion.inference.model import INPUT, OUTPUTS, Outputs
from fashion.io.batching import in_batches
from fashion.io.labeled_images import LabeledImages
from fashion.suppress_stderr import suppress_stderr

# Set before the import, which sends usage data otherwise.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

TOLERANCE = 1e-5  # of a probability
LOSSY = ("float16.tflite", "int8.tflite")  # formats with rounded weights
MAX_ACCURACY_LOSS = {"float16.tflite": 0.003, "int8.tflite": 0.01, "onnx": 0.003}
# Of an `ood_score`, which only ONNX files have, with exact and with rounded weights.
MAX_OOD_DIFF, MAX_LOSSY_OOD_DIFF = 1e-3, 1e-2
STANDARD_DEVIATIONS = 2  # tolerated: changed predictions may be right or wrong by chance


def run_onnx(
    content: bytes, images: np.ndarray, threads: int, names: Sequence[str] = OUTPUTS
) -> Outputs:
    """The outputs `names` of the ONNX file `content` for `images`, uint8 [count, *image_shape]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False  # it would keep twice the memory that a batch needs
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    batches = in_batches(images)
    return _concatenate(names, (session.run(names, {INPUT: batch}) for batch in batches))


def run_litert(
    content: bytes, images: np.ndarray, threads: int, names: Sequence[str] = OUTPUTS
) -> Outputs:
    """Like `run_onnx`, for a LiteRT file; raises `ExportError` if it does not run."""
    with suppress_stderr():  # it prints which kernels it uses
        try:
            runner = Interpreter(model_content=content, num_threads=threads).get_signature_runner()
            results = (runner(**{INPUT: batch}) for batch in in_batches(images))
            return _concatenate(names, ([result[name] for name in names] for result in results))
        except RuntimeError as error:  # for example if an int8 range is a single value
            raise ExportError(
                f"LiteRT cannot run the model: {error}; if the network predicts the same for "
                "every image, int8 has no ranges: train it for longer, or change its settings"
            ) from error


def _concatenate(names: Sequence[str], batches: Iterator[Sequence[np.ndarray]]) -> Outputs:
    columns = zip(*batches, strict=True)
    return {name: np.concatenate(parts) for name, parts in zip(names, columns, strict=True)}


def compare(
    formats: Mapping[str, bytes],
    validation: LabeledImages,
    test: LabeledImages,
    expected: Outputs,
    threads: int,
    *,
    lossy: Container[str] = LOSSY,
) -> dict[str, dict[str, float | None]]:
    """Compare each format with Keras; return `bytes`, `tolerance` and `accuracy` by suffix.

    `expected` is what Keras predicts for the validation images: `probabilities` and `ood_score`.
    `tolerance` is the largest difference of a probability for them that is accepted. It is None for
    `lossy` formats, which may lose `MAX_ACCURACY_LOSS` of the accuracy on them. The difference
    itself is not returned, because its last bits depend on the processor: these runtimes choose
    their kernels by it. `accuracy` is measured on the test images and is only reported. Raises
    `ExportError` if a format differs from Keras by more than is accepted.
    """
    rows = {}
    for suffix, content in formats.items():
        run = run_onnx if suffix == "onnx" else run_litert
        names = expected if suffix == "onnx" else ["probabilities"]
        outputs = run(content, validation.images, threads, [*names])
        if suffix in lossy:
            _check_accuracy(suffix, outputs, expected, validation.labels)
        else:
            _check_equal(suffix, outputs, expected)
        probabilities = run(content, test.images, threads, ["probabilities"])["probabilities"]
        rows[suffix] = {
            "bytes": len(content),
            "tolerance": None if suffix in lossy else TOLERANCE,
            "accuracy": round(_accuracy(probabilities, test.labels), 6),
        }
    return rows


def _check_equal(
    suffix: str, outputs: Outputs, expected: Outputs, max_ood_diff: float = MAX_OOD_DIFF
) -> None:
    limits = {"probabilities": TOLERANCE, "ood_score": max_ood_diff}
    for name, values in outputs.items():
        difference = np.abs(values - expected[name]).max()
        if difference > limits[name]:
            raise ExportError(
                f"{suffix}: expected {name} within {limits[name]} of Keras, found a difference of "
                f"{difference:.2g}; `make setup` installs the versions of converters and runtimes "
                "that were tested"
            )


def _check_accuracy(suffix: str, outputs: Outputs, expected: Outputs, labels: np.ndarray) -> None:
    if "ood_score" in outputs:
        scores = {"ood_score": outputs["ood_score"]}
        _check_equal(suffix, scores, expected, MAX_LOSSY_OOD_DIFF)
    probabilities, from_keras = outputs["probabilities"], expected["probabilities"]
    changed = int((probabilities.argmax(axis=1) != from_keras.argmax(axis=1)).sum())
    chance = STANDARD_DEVIATIONS * changed**0.5 / len(labels)
    lowest = _accuracy(from_keras, labels) - max(MAX_ACCURACY_LOSS[suffix], chance)
    if (accuracy := _accuracy(probabilities, labels)) < lowest:
        raise ExportError(
            f"{suffix}: expected an accuracy of at least {lowest:.4f} on the validation images, "
            f"found {accuracy:.4f}; for int8, increase export.representative_images in params.yaml"
        )


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(accuracy_score(labels, probabilities.argmax(axis=1)))
