"""Ways to run a trained network, for `benchmarks.serving`.

In: the file MODEL, `data/processed/test/images.npy`. Out: the last line printed is JSON with
`first_prediction_s`, the time from START (seconds since 1970) to the prediction for one image; and
after warming up, `latency_ms` and `p95_ms` of one image and `images_per_second` of batches.
Run: `python -m benchmarks.runtimes NAME MODEL THREADS START`, where NAME is

    keras           `model.predict`
    keras_function  the model in a `tf.function`
    onnx            ONNX Runtime, all outputs, including the distances to the training images
    litert          LiteRT: float32, float16 or int8, depending on MODEL

Each function imports only what it needs, so that the start of a process can be compared.
"""

import json
import os
import sys
import time
from collections.abc import Callable
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
    """Measure the runtime `name` with the file `model`, and print the results."""
    images = np.load("data/processed/test/images.npy", mmap_mode="r")[: BATCH * BATCHES]
    predict = RUNTIMES[name](model, int(threads))
    predict(images[:1])
    first = time.time() - float(start)
    latencies = [1000 * seconds for seconds in time_calls(predict, images, 1, CALLS)]
    size = min(BATCH, len(images))
    batches = time_calls(predict, images, size, BATCHES)
    figures = {
        "first_prediction_s": first,
        "latency_ms": float(np.median(latencies)),
        "p95_ms": float(np.percentile(latencies, 95)),
        "images_per_second": size / float(np.median(batches)),
    }
    print(json.dumps(figures))


def time_calls(predict: Predict, images: np.ndarray, size: int, calls: int) -> list[float]:
    """Seconds of each of `calls` calls with `size` images, after `WARM` calls to warm up."""
    seconds = []
    for call in range(-WARM, calls):
        index = call % (len(images) // size) * size
        batch = np.array(images[index : index + size])
        begin = time.perf_counter()
        predict(batch)
        if call >= 0:
            seconds.append(time.perf_counter() - begin)
    return seconds


def keras_model(path: str, threads: int) -> "keras.Model":
    """The model at `path`, after limiting TensorFlow to `threads` threads per operation."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def keras_predict(path: str, threads: int) -> Predict:
    """`model.predict` on one batch."""
    model = keras_model(path, threads)
    return lambda images: model.predict(images, batch_size=len(images), verbose=0)


def keras_function(path: str, threads: int) -> Predict:
    """The model as a function that is traced once, for any number of images."""
    model = keras_model(path, threads)
    import tensorflow as tf

    spec = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
    function = tf.function(lambda images: model(images, training=False), input_signature=[spec])
    return lambda images: function(images).numpy()


def onnx(path: str, threads: int) -> Predict:
    """All outputs are computed; the first is the probabilities."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"images": images})[0]


def litert(path: str, threads: int) -> Predict:
    """The signature of the file, which takes any number of images."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(path, num_threads=threads).get_signature_runner()
    return lambda images: runner(images=images)["probabilities"]


RUNTIMES: dict[str, Callable[[str, int], Predict]] = {
    "keras": keras_predict,
    "keras_function": keras_function,
    "onnx": onnx,
    "litert": litert,
}


if __name__ == "__main__":
    main(*sys.argv[1:])
