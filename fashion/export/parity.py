"""What the exported formats prediction in their own runtimes, compared with what Keras predictions."""

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from sklearn.metrics import accuracy_score

from fashion.batching import in_batches
from fashion.inference_model import INPUT, OUTPUTS, ExportError
from fashion.suppress_stderr import suppress_stderr

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before the import, or it reports its use
import onnxruntime

BATCH = 500  # images at most; fewer of large ones (`fashion.batching`)
DIGITS = 2  # significant ones of a difference: the rest is noise
Outputs = dict[str, np.ndarray]
MAX_ABS_DIFF = {"onnx": 1e-5, "tflite": 1e-5, "float16.tflite": 0.01}  # of a probability
LARGEST_LOSS = {"int8.tflite": 0.01}  # of accuracy; the `mlp` loses 0.003
CHANCE = 2  # standard deviations: predictions that changed are as often right as wrong


def onnx_session(content: bytes, threads: int) -> onnxruntime.InferenceSession:
    """The ONNX file with `content` in its runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False  # it would keep twice what a batch needs
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def run_session(
    session: onnxruntime.InferenceSession, images: np.ndarray, names: Sequence[str]
) -> Outputs:
    """The outputs `names` for `images` (uint8 [count, *image_shape])."""
    batches = in_batches(images, BATCH)
    return _joined(names, (session.run(names, {INPUT: batch}) for batch in batches))


def run_onnx(
    content: bytes, images: np.ndarray, threads: int, names: Sequence[str] | None = None
) -> Outputs:
    """The outputs `names`, or all, of the ONNX file with `content`."""
    session = onnx_session(content, threads)
    return run_session(session, images, names or [one.name for one in session.get_outputs()])


def run_litert(
    content: bytes, images: np.ndarray, threads: int, names: Sequence[str] = OUTPUTS
) -> Outputs:
    """The same of the LiteRT file with `content`; raises `ExportError` if it does not run."""
    with suppress_stderr():  # it tells which kernels it uses
        try:
            runner = Interpreter(model_content=content, num_threads=threads).get_signature_runner()
            found = (runner(**{INPUT: batch}) for batch in in_batches(images, BATCH))
            return _joined(names, ([prediction[name] for name in names] for prediction in found))
        except RuntimeError as error:  # as of int8 ranges that are a single value
            raise ExportError(
                f"LiteRT cannot run the model: {error}; a network that gives the same prediction for "
                "every image has no ranges for int8: train it for longer, or change its settings"
            ) from error


def _joined(names: Sequence[str], batches: Iterable[Sequence[np.ndarray]]) -> Outputs:
    """The outputs `names` of all batches, of which each has them in this order."""
    outputs = zip(*batches, strict=True)
    return {name: np.concatenate(parts) for name, parts in zip(names, outputs, strict=True)}


def compare(
    formats: Mapping[str, bytes],
    images: np.ndarray,
    labels: np.ndarray,
    expected: np.ndarray,
    threads: int,
) -> dict[str, dict[str, float]]:
    """For each of `formats`, by its suffix: `bytes`, `max_abs_diff` and `accuracy`.

    `labels` is uint8 [count], `expected` the probabilities that Keras gives, float32 [count,
    classes]. The difference is that of a probability, to two significant digits. Raises
    `ExportError` if a format is further from Keras than its tolerance.
    """
    rows = {}
    for suffix, content in formats.items():
        run = run_onnx if suffix == "onnx" else run_litert
        found = run(content, images, threads, ["probabilities"])["probabilities"]
        difference = float(f"{np.abs(found - expected).max():.{DIGITS}g}")
        scores = {"max_abs_diff": difference, "accuracy": _accuracy(found, labels)}
        changed = int((found.argmax(axis=1) != expected.argmax(axis=1)).sum())
        chance = CHANCE * changed**0.5 / len(labels)  # of few images each is a large share
        _check(suffix, scores, _accuracy(expected, labels), chance)
        rows[suffix] = {"bytes": len(content), **scores}
    return rows


def _check(suffix: str, scores: Mapping[str, float], expected: float, chance: float) -> None:
    difference = MAX_ABS_DIFF.get(suffix, 1)
    if scores["max_abs_diff"] > difference:
        raise ExportError(
            f"{suffix}: expected probabilities within {difference} of those of Keras, found a "
            f"difference of {scores['max_abs_diff']}; `make setup` installs the versions of "
            "converters and runtimes that this was tested with"
        )
    least = expected - max(LARGEST_LOSS.get(suffix, 1), chance)
    if scores["accuracy"] < least:
        raise ExportError(
            f"{suffix}: expected an accuracy of {least:.4f} at least, as Keras has {expected}, "
            f"found {scores['accuracy']}; try another number of export.representative_images in "
            "params.yaml"
        )


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return round(float(accuracy_score(labels, probabilities.argmax(axis=1))), 6)
