"""Ways to run one trained network, each in a process of its own, with threads set explicitly.

In: the file MODEL, `data/processed/test/images.npy`. Out, as the last line printed, JSON:
`first_answer_s`, from START (seconds since 1970, when the process was started) to the prediction to one
image; then, once warm, `latency_ms` and `p95_ms` of one image, and `images_per_second` of batches.
Run: `python -m benchmarks.runtimes NAME MODEL THREADS START`, with NAME one of

    keras           `model.predict`
    keras_function  the model in a `tf.function`
    onnx            ONNX Runtime, all outputs, distance to the training images included
    litert          LiteRT, float32, float16 or int8 as MODEL is
    torch           the same network in PyTorch, channels last, with weights of its own

Each imports what it needs and nothing else, also of this project, so that starts can be compared.
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
Prediction = Callable[[np.ndarray], np.ndarray]  # uint8 [count, height, width] to [count, classes]


def main(name: str, model: str, threads: str, start: str) -> None:
    """Print what the runtime `name` takes with `model`, a path."""
    images = np.load("data/processed/test/images.npy", mmap_mode="r")[: BATCH * BATCHES]
    prediction = RUNTIMES[name](model, int(threads))
    prediction(images[:1])
    first = time.time() - float(start)
    latencies = [1000 * seconds for seconds in timed(prediction, images, 1, CALLS)]
    size = min(BATCH, len(images))
    batches = timed(prediction, images, size, BATCHES)
    figures = {
        "first_answer_s": first,
        "latency_ms": float(np.median(latencies)),
        "p95_ms": float(np.percentile(latencies, 95)),
        "images_per_second": size / float(np.median(batches)),
    }
    print(json.dumps(figures))


def timed(prediction: Prediction, images: np.ndarray, size: int, calls: int) -> list[float]:
    """Seconds of each of `calls` calls with `size` images, after `WARM` that are not timed."""
    seconds = []
    for call in range(-WARM, calls):
        place = call % (len(images) // size) * size
        batch = np.array(images[place : place + size])
        begin = time.perf_counter()
        prediction(batch)
        if call >= 0:
            seconds.append(time.perf_counter() - begin)
    return seconds


def keras_model(path: str, threads: int) -> "keras.Model":
    """The model at `path`, in a TensorFlow that uses `threads` for an operation."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def keras_predict(path: str, threads: int) -> Prediction:
    """`model.predict`, a batch at a time."""
    model = keras_model(path, threads)
    return lambda images: model.predict(images, batch_size=len(images), verbose=0)


def keras_function(path: str, threads: int) -> Prediction:
    """The model as a function that is traced once, for images of any count."""
    model = keras_model(path, threads)
    import tensorflow as tf

    spec = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
    function = tf.function(lambda images: model(images, training=False), input_signature=[spec])
    return lambda images: function(images).numpy()


def onnx(path: str, threads: int) -> Prediction:
    """All outputs; the first are the probabilities."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"images": images})[0]


def litert(path: str, threads: int) -> Prediction:
    """By the file's signature, which fits the count of images."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(path, num_threads=threads).get_signature_runner()
    return lambda images: runner(images=images)["probabilities"]


def torch(_: str, threads: int) -> Prediction:
    """`benchmarks.torch_network` with the settings of the `cnn`."""
    import torch

    from benchmarks import torch_network
    from fashion.config.model import Cnn, Model

    torch.set_num_threads(threads)
    config = Cnn.model_validate(Model.load("cnn").network.model_dump())
    classes = json.loads(Path("data/processed/classes.json").read_text("utf-8"))["classes"]
    network = torch_network.network(config, len(classes))
    network = network.to(memory_format=torch.channels_last).eval()

    def prediction(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            pixels = torch.from_numpy(images)[:, None].float() / 127.5 - 1
            logits = network(pixels.contiguous(memory_format=torch.channels_last))
            return logits.softmax(1).numpy()

    return prediction


RUNTIMES: dict[str, Callable[[str, int], Prediction]] = {
    "keras": keras_predict,
    "keras_function": keras_function,
    "onnx": onnx,
    "litert": litert,
    "torch": torch,
}


if __name__ == "__main__":
    main(*sys.argv[1:])
