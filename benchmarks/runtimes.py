"""Run one trained network with a runtime and measure it, with an explicit number of threads.

In: the file MODEL, `data/processed/test/images.npy`. Out: JSON, as the last line printed, with
`first_answer_s`, the time from START (the start of the process, in seconds since 1970) to the first
prediction for one image; then, after warming up, `latency_ms` and `p95_ms` for one image, and
`images_per_second` for batches.
Run: `python -m benchmarks.runtimes NAME MODEL THREADS START`, with NAME one of

    keras           `model.predict`
    keras_function  the model in a `tf.function`
    onnx            ONNX Runtime, all outputs, including the OOD score
    litert          LiteRT; MODEL is float32, float16 or int8
    torch           the same architecture in PyTorch, channels last, with random weights

Each imports only what it needs, so that the times to the first prediction can be compared.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

BATCH = 500  # images
BATCHES = 6
CALLS = 100
WARM = 3
Predict = Callable[[np.ndarray], np.ndarray]  # uint8 [count, height, width] to [count, classes]


def main(name: str, model: str, threads: str, start: str) -> None:
    """Measure the runtime `name` with the file `model` and print the figures."""
    images = np.load("data/processed/test/images.npy", mmap_mode="r")[: BATCH * BATCHES]
    predict = RUNTIMES[name](model, int(threads))
    predict(images[:1])
    first = time.time() - float(start)
    latencies = [1000 * seconds for seconds in timed(predict, images, 1, CALLS)]
    size = min(BATCH, len(images))
    batches = timed(predict, images, size, BATCHES)
    figures = {
        "first_answer_s": first,
        "latency_ms": float(np.median(latencies)),
        "p95_ms": float(np.percentile(latencies, 95)),
        "images_per_second": size / float(np.median(batches)),
    }
    print(json.dumps(figures))


def timed(predict: Predict, images: np.ndarray, size: int, calls: int) -> list[float]:
    """Return the seconds of `calls` calls with `size` images, after `WARM` uncounted calls."""
    seconds = []
    for call in range(-WARM, calls):
        start = call % (len(images) // size) * size
        batch = np.array(images[start : start + size])
        begin = time.perf_counter()
        predict(batch)
        if call >= 0:
            seconds.append(time.perf_counter() - begin)
    return seconds


def keras_model(path: str, threads: int) -> "keras.Model":
    """Load the model at `path`; TensorFlow uses `threads` per operation."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def keras_predict(path: str, threads: int) -> Predict:
    """Call `model.predict` for each batch."""
    model = keras_model(path, threads)
    return lambda images: model.predict(images, batch_size=len(images), verbose=0)


def keras_function(path: str, threads: int) -> Predict:
    """Trace the model once, for any number of images."""
    model = keras_model(path, threads)
    import tensorflow as tf

    spec = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
    function = tf.function(lambda images: model(images, training=False), input_signature=[spec])
    return lambda images: function(images).numpy()


def onnx(path: str, threads: int) -> Predict:
    """Compute all outputs; the first are the probabilities."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"images": images})[0]


def litert(path: str, threads: int) -> Predict:
    """Run the signature of the file, which accepts any number of images."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(path, num_threads=threads).get_signature_runner()
    return lambda images: runner(images=images)["probabilities"]


def torch(_: str, threads: int) -> Predict:
    """Build `benchmarks.torch_network` with the settings of the `cnn`."""
    import torch

    from benchmarks import torch_network
    from fashion.config.model import Cnn, Model

    torch.set_num_threads(threads)
    config = Cnn.model_validate(Model.load("cnn").network.model_dump())
    classes = json.loads(Path("data/processed/classes.json").read_text("utf-8"))["classes"]
    network = torch_network.network(config, len(classes))
    network = network.to(memory_format=torch.channels_last).eval()

    def predict(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            pixels = torch.from_numpy(images)[:, None].float() / 127.5 - 1
            logits = network(pixels.contiguous(memory_format=torch.channels_last))
            return logits.softmax(1).numpy()

    return predict


RUNTIMES: dict[str, Callable[[str, int], Predict]] = {
    "keras": keras_predict,
    "keras_function": keras_function,
    "onnx": onnx,
    "litert": litert,
    "torch": torch,
}


if __name__ == "__main__":
    main(*sys.argv[1:])
