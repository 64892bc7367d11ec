"""Requests per second and latency of the HTTP service, under load by `wrk` on this machine.

Each request has one image of `examples/`. `fashion-predict serve` and a minimal service with Keras
(`benchmarks.keras_service`) take turns, with each number of workers and of clients; a client sends
its next request when it has the answer. Results are medians over `ROUNDS`. The memory is that of
all processes of the service at the end.
Needs `wrk` (Debian and Homebrew have it). Out: `reports/benchmarks/load.json`.
Run: `python -m benchmarks.load [SECONDS]` (5 for each measurement; about 8 minutes), then
`make report`.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.machine import describe
from benchmarks.runs import MEGABYTE
from fashion import cli
from fashion.io.files import write_json
from tools.checkout import ROOT

REPORT = Path("reports/benchmarks/load.json")
PACKAGES = ("fastapi", "uvicorn", "onnxruntime")
PORT = "8765"
ROUNDS = 3
CLIENTS = (1, 8, 64)
WORKERS = (1, 2)
SERVE = ("fashion_predict.cli", "serve", "--port", PORT, "--model")
SERVICES = {  # command, and image to post
    "`cnn`": ((*SERVE, "models/cnn.onnx"), "ankle-boot.png"),
    "`clothing`": ((*SERVE, "models/clothing.onnx"), "sneaker.jpg"),
    "`cnn` by Keras `predict`": (
        ("uvicorn", "benchmarks.keras_service:app", "--port", PORT, "--log-level", "warning"),
        "ankle-boot.png",
    ),
}
START_SECONDS = 60


def main(seconds: str = "5") -> None:
    """Measure every service `ROUNDS` times with each number of workers and clients, in turns."""
    measured: dict[tuple[str, int, int], list[dict[str, float]]] = {}
    for _ in range(ROUNDS):
        for name, (command, image) in SERVICES.items():
            for workers, clients in product(WORKERS, CLIENTS):
                with start(*command, "--workers", str(workers)) as service:
                    figures = load(clients, seconds, ROOT / "examples" / image)
                    figures["memory_mb"] = memory(service)
                measured.setdefault((name, workers, clients), []).append(figures)
                print(name, workers, clients, figures, flush=True)
    rows = [
        {"network": name, "workers": workers, "clients": clients}
        | {key: round(median(figures[key] for figures in rounds), 1) for key in rounds[0]}
        for (name, workers, clients), rounds in measured.items()
    ]
    note = f"Medians of {ROUNDS} rounds of {seconds} seconds; `wrk` ran on the same cores."
    write_json(REPORT, {"machine": describe(*PACKAGES), "note": note, "runs": rows})


@contextmanager
def start(*command: str) -> Iterator[psutil.Process]:
    """Run the module and its arguments in `command`, from when it answers on `PORT`."""
    with subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT) as process:
        try:
            wait_for_answer()
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def wait_for_answer() -> None:
    """Wait until the service answers; raises `OSError` if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/openapi.json").close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def load(clients: int, seconds: str, image: Path) -> dict[str, float]:
    """What `wrk` measures with `clients` connections that post `image`."""
    with TemporaryDirectory() as folder:
        form = Path(folder) / "form"
        head = f'--image\r\nContent-Disposition: form-data; name="images"; filename="{image.name}"'
        form.write_bytes(f"{head}\r\n\r\n".encode() + image.read_bytes() + b"\r\n--image--\r\n")
        command = ["wrk", "--threads=1", f"--connections={clients}", f"--duration={seconds}"]
        command += ["--timeout=30", f"--script={ROOT / 'benchmarks/load.lua'}"]
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{PORT}/predict"],
            env=os.environ | {"FORM": str(form)},
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def memory(service: psutil.Process) -> float:
    """Megabytes of the process and its children."""
    processes: list[Any] = [service, *service.children(recursive=True)]
    return sum(process.memory_info().rss for process in processes) / MEGABYTE


if __name__ == "__main__":
    cli.run(main, "seconds")
