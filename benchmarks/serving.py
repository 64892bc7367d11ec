"""Prediction speed of each exported format of the `cnn`, and of the command `fashion-predict`.

Every runtime of `benchmarks.runtimes` runs in a process of its own, in turns, with each of
`THREADS`; results are medians over the rounds. `fashion-predict` with one image of `examples/` is
timed from the start to the end of its process. Missing files are left out.
Out: `reports/benchmarks/serving.json`. Run: `python -m benchmarks.serving`; about 10 minutes.
"""

import json
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe, spread_statistics
from benchmarks.runs import run, workspace
from benchmarks.runtimes import BATCH
from fashion import cli
from fashion.io.files import write_json
from tools.checkout import ROOT

NETWORK = "cnn"
ROUNDS = 5
THREADS = (1, 2)
PACKAGES = ("onnxruntime", "ai-edge-litert")
COMMAND = "fashion_predict.cli"
IMAGE = ROOT / "examples/ankle-boot.png"
CONTENDERS = {  # runtime, and suffix of its file
    "Keras `predict`": ("keras", "keras"),
    "Keras, `tf.function`": ("keras_function", "keras"),
    "ONNX Runtime": ("onnx", "onnx"),
    "LiteRT": ("litert", "tflite"),
    "LiteRT float16": ("litert", "float16.tflite"),
    "LiteRT int8": ("litert", "int8.tflite"),
}
DIGITS = {"first_prediction_s": 2, "latency_ms": 3, "p95_ms": 3, "images_per_second": 0}
Figures = dict[str, float]


def main(report: str = "reports/benchmarks/serving.json", models: Path = ROOT / "models") -> None:
    """Measure every contender `ROUNDS` times with each number of threads, in turns."""
    files = {label: models / f"{NETWORK}.{suffix}" for label, (_, suffix) in CONTENDERS.items()}
    labels = [label for label, file in files.items() if file.exists()]
    measured: dict[tuple[str, int], list[Figures]] = {
        (label, threads): [] for threads in THREADS for label in labels
    }
    processes: list[float] = []
    with workspace() as folder:
        for _ in range(ROUNDS):
            for (label, threads), rounds in measured.items():
                rounds.append(measure(CONTENDERS[label][0], files[label], threads, folder))
                print(label, threads, rounds[-1], flush=True)
            processes.append(run(COMMAND, str(IMAGE), folder=folder).seconds)
    rows = [
        {"runtime": label, "threads": threads, **summarize(rounds, files[label])}
        for (label, threads), rounds in measured.items()
    ]
    machine = describe(*PACKAGES)
    machine["threads"] = " and ".join(map(str, THREADS))
    note = f"Medians of {ROUNDS} rounds; batches of {BATCH} images."
    one_image = spread_statistics(processes)
    write_json(report, {"machine": machine, "note": note, "one_image": one_image, "runs": rows})


def measure(runtime: str, file: Path, threads: int, folder: Path) -> Figures:
    """The measurements that a process of `runtime` with `file` prints."""
    arguments = (runtime, str(file), str(threads), str(time.time()))
    done = run("benchmarks.runtimes", *arguments, folder=folder)
    return json.loads(done.printed.splitlines()[-1])


def summarize(rounds: list[Figures], file: Path) -> dict[str, Any]:
    """The size of `file`, and the median of each figure over the `rounds`."""
    medians = {
        name: round(median(figures[name] for figures in rounds), digits or None)
        for name, digits in DIGITS.items()
    }
    return {"bytes": file.stat().st_size, **medians}


if __name__ == "__main__":
    cli.run(main)
