"""What the exported formats answer in their own runtimes, compared with what Keras answers."""

import os
from collections.abc import Iterator, Mapping

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from sklearn.metrics import accuracy_score

from fashion.export.answers import INPUT, ExportError
from fashion.silence import silent_stderr

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before the import, or it reports its use
import onnxruntime

BATCH = 500  # images
DIGITS = 2  # significant ones of a difference: the rest is noise
Answers = dict[str, np.ndarray]
LARGEST_DIFFERENCE = {"onnx": 1e-5, "tflite": 1e-5, "float16.tflite": 0.01}  # of a probability
LARGEST_LOSS = {"int8.tflite": 0.01}  # of accuracy; the `mlp` loses 0.003
CHANCE = 2  # standard deviations: answers that changed are as often right as wrong


def run_onnx(content: bytes, images: np.ndarray, threads: int) -> Answers:
    """All outputs for `images` (uint8 [count, *image_shape]) of the ONNX file with `content`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    parts = [
        dict(zip(names, session.run(names, {INPUT: part}), strict=True)) for part in _parts(images)
    ]
    return _joined(parts)


def run_litert(content: bytes, images: np.ndarray, threads: int) -> Answers:
    """The same of the LiteRT file with `content`."""
    with silent_stderr():  # it tells which kernels it uses
        runner = Interpreter(model_content=content, num_threads=threads).get_signature_runner()
        return _joined([runner(**{INPUT: part}) for part in _parts(images)])


def _parts(images: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(images), BATCH):
        yield np.ascontiguousarray(images[start : start + BATCH])


def _joined(parts: list[Answers]) -> Answers:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def compare(
    formats: Mapping[str, bytes],
    images: np.ndarray,
    labels: np.ndarray,
    expected: np.ndarray,
    threads: int,
) -> dict[str, dict[str, float]]:
    """For each of `formats`, by its suffix: `bytes`, `largest_difference` and `accuracy`.

    `labels` is uint8 [count], `expected` the probabilities that Keras gives, float32 [count,
    classes]. The difference is that of a probability, to two significant digits. Raises
    `ExportError` if a format is further from Keras than its tolerance.
    """
    rows = {}
    for suffix, content in formats.items():
        run = run_onnx if suffix == "onnx" else run_litert
        found = run(content, images, threads)["probabilities"]
        difference = float(f"{np.abs(found - expected).max():.{DIGITS}g}")
        scores = {"largest_difference": difference, "accuracy": _accuracy(found, labels)}
        changed = int((found.argmax(axis=1) != expected.argmax(axis=1)).sum())
        chance = CHANCE * changed**0.5 / len(labels)  # of few images each is a large share
        _check(suffix, scores, _accuracy(expected, labels), chance)
        rows[suffix] = {"bytes": len(content), **scores}
    return rows


def _check(suffix: str, scores: Mapping[str, float], expected: float, chance: float) -> None:
    difference = LARGEST_DIFFERENCE.get(suffix, 1)
    if scores["largest_difference"] > difference:
        raise ExportError(
            f"{suffix}: expected probabilities within {difference} of those of Keras, found a "
            f"difference of {scores['largest_difference']}; `make setup` installs the versions of "
            "converters and runtimes that this was tested with"
        )
    least = expected - max(LARGEST_LOSS.get(suffix, 1), chance)
    if scores["accuracy"] < least:
        raise ExportError(
            f"{suffix}: expected an accuracy of {least:.4f} at least, as Keras has {expected}, "
            f"found {scores['accuracy']}; try another number of export.calibration_images in "
            "params.yaml"
        )


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return round(float(accuracy_score(labels, probabilities.argmax(axis=1))), 6)
