"""Measure how fast each exported format of the `cnn` predicts, and how long one command takes.

Each runtime of `benchmarks.runtimes` runs in a process of its own, in turns, with each number of
threads in `THREADS`. The figures are medians over the rounds. `fashion-predict` with one image of
`examples/` is timed as a process from start to end. Formats that do not exist are left out, and so
is PyTorch if it is not installed. PyTorch reads no file, so it has no size and no first prediction.
Out: `reports/benchmarks/serving.json`. Run: `python -m benchmarks.serving`; about 10 minutes.
"""

import json
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe, spread
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
PYTORCH = "PyTorch"
CONTENDERS = {  # runtime, and the suffix of its file
    "Keras `predict`": ("keras", "keras"),
    "Keras, `tf.function`": ("keras_function", "keras"),
    "ONNX Runtime": ("onnx", "onnx"),
    "LiteRT": ("litert", "tflite"),
    "LiteRT float16": ("litert", "float16.tflite"),
    "LiteRT int8": ("litert", "int8.tflite"),
    PYTORCH: ("torch", ""),
}
DIGITS = {"first_answer_s": 2, "latency_ms": 3, "p95_ms": 3, "images_per_second": 0}
Figures = dict[str, float]


def main(report: str = "reports/benchmarks/serving.json", models: Path = ROOT / "models") -> None:
    """Measure every contender `ROUNDS` times with each number of threads, in turns."""
    files = {label: models / f"{NETWORK}.{suffix}" for label, (_, suffix) in CONTENDERS.items()}
    labels = [label for label, file in files.items() if file.exists()]
    if find_spec("torch"):
        labels.append(PYTORCH)
    measured: dict[tuple[str, int], list[Figures]] = {
        (label, threads): [] for threads in THREADS for label in labels
    }
    processes: list[float] = []
    with workspace() as folder:
        for _ in range(ROUNDS):
            for (label, threads), rounds in measured.items():
                rounds.append(measure(CONTENDERS[label][0], files[label], threads, folder))
                print(label, threads, rounds[-1], flush=True)
            processes += [run(COMMAND, file, folder=folder).seconds for file in images()[:1]]
    rows = [
        {"runtime": label, "threads": threads, **summarize(rounds, files[label])}
        for (label, threads), rounds in measured.items()
    ]
    machine = describe(*PACKAGES, *(["torch"] if PYTORCH in labels else []))
    machine["threads"] = " and ".join(map(str, THREADS))
    one = {"one_image": spread(processes)} if processes else {}
    note = f"Medians of {ROUNDS} rounds; batches of {BATCH} images."
    write_json(report, {"machine": machine, "note": note, **one, "runs": rows})


def images() -> list[str]:
    """List the PNG and JPEG images of `examples/`."""
    return sorted(map(str, (ROOT / "examples").glob("*.[jp][pn]g")))


def measure(runtime: str, file: Path, threads: int, folder: Path) -> Figures:
    """Run `runtime` with `file` in a process and return the figures that it prints."""
    arguments = (runtime, str(file), str(threads), str(time.time()))
    done = run("benchmarks.runtimes", *arguments, folder=folder)
    return json.loads(done.printed.splitlines()[-1])


def summarize(rounds: list[Figures], file: Path) -> dict[str, Any]:
    """Return the size of `file` and the median of each figure over the rounds."""
    medians: dict[str, Any] = {
        name: round(median(figures[name] for figures in rounds), digits or None)
        for name, digits in DIGITS.items()
    }
    if file.exists():
        return {"bytes": file.stat().st_size, **medians}
    return {"bytes": "-", **medians, "first_answer_s": "-"}


if __name__ == "__main__":
    cli.run(main)
