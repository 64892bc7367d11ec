"""Peak memory of each stage, compared with its budget, for different numbers and sizes of images.

Stages run as processes of their own. Trainings last one epoch, since later epochs need no more
memory. Pages of memory-mapped files are not counted. `preprocess` and `train` are also measured
with the training images repeated, where memory should stay the same and time grow linearly. The
stages in `ANY_SIZE`, which must stay within their budget for images of any size, are also measured
with generated images of 224 x 224 pixels in colour.
Out: `reports/benchmarks/memory.json`; exit code 1 if a stage exceeds its budget.
Run: `python -m benchmarks.memory`; about 20 minutes and 2 GB of temporary files.
"""

import struct
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import describe
from benchmarks.runs import run, workspace
from examples import shapes
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import write_json
from tools.checkout import ROOT

BUDGET_MB = {
    "download": 100,
    "preprocess": 100,
    "describe": 500,
    "train": 1000,
    "evaluate": 600,
    "export": 1000,
    "plot": 250,
}
ONCE = ("download", "preprocess", "describe")  # run once, not per network
GROWING = ("preprocess", "train")
TIMES = (1, 4, 16)
SIDE = 224  # pixels of large images
ANY_SIZE = ("describe", "evaluate", "export", "plot")
LARGE_TIMES = (1, 4)
IMAGES_PER_CLASS = {"train": 30, "test": 10}
RAW = ROOT / "data" / "raw"
LARGE = {
    "data.classes": "folders",
    "data.image_height": SIDE,
    "data.image_width": SIDE,
    "data.channels": 3,
    "data.preprocessing": "pad",
    "download.images": "data/raw",
    "download.sources": [],
    "download.files": [],
    "preprocess.validation_images": 70,
    "models.cnn.fit.epochs": 1,
    "models.cnn.fit.batch_size": 10,
}


class BudgetError(FashionError):
    """A stage that needs more memory than its budget."""


def main(report: str = "reports/benchmarks/memory.json") -> None:
    """Measure the stages with each size of the data; write `report` after each run."""
    rows: list[dict[str, Any]] = []
    for row in chain(*map(measure, TIMES), *map(measure_large, LARGE_TIMES)):
        rows.append(row)
        print(row, flush=True)
        write_json(report, {"machine": describe(), "runs": rows})
    check(rows)


def measure(times: int) -> Iterator[dict[str, Any]]:
    """A row per run: of every stage if `times` is 1, else of `GROWING` with repeated images."""
    networks = list(Params.load().models)
    changes: dict[str, Any] = {f"models.{network}.fit.epochs": 1 for network in networks}
    changes["download.sources"] = [{"directory": str(RAW)}]
    with TemporaryDirectory(prefix="bench-") as data, workspace(changes, Path(data)) as folder:
        if times > 1:
            repeat(RAW, Path(data) / "raw", times)
        for stage in BUDGET_MB if times == 1 else GROWING:
            for network in [""] if stage in ONCE else networks:
                yield measure_stage(folder, stage, network, times, "28x28")


def measure_large(times: int) -> Iterator[dict[str, Any]]:
    """A row per stage in `ANY_SIZE`, with large images, `times` as many as `IMAGES_PER_CLASS`."""
    with TemporaryDirectory(prefix="bench-") as data, workspace(LARGE, Path(data)) as folder:
        counts = {split: count * times for split, count in IMAGES_PER_CLASS.items()}
        shapes.main(Path(data) / "raw", counts)
        for stage in BUDGET_MB:
            network = "" if stage in ONCE else "cnn"
            row = measure_stage(folder, stage, network, times, f"{SIDE}x{SIDE}x3")
            if stage in ANY_SIZE:
                yield row


def measure_stage(
    folder: Path, stage: str, network: str, times: int, images: str
) -> dict[str, Any]:
    """Run `stage`, for `network` unless it is empty, and return the row of the report."""
    done = run(f"stages.{stage}", *filter(None, [network]), folder=folder)
    return {
        "stage": f"{stage}@{network}" if network else stage,
        "images": images,
        "times": times,
        "seconds": round(done.seconds, 2),
        "peak_mb": round(done.peak_mb),
        "budget_mb": BUDGET_MB[stage],
    }


def check(rows: list[dict[str, Any]]) -> None:
    """Raise `BudgetError` if a stage exceeded its budget."""
    over = [
        f"{row['stage']} on {row['images']} at {row['times']} x: "
        f"expected at most {row['budget_mb']} MB, found {row['peak_mb']} MB"
        for row in rows
        if row["peak_mb"] > row["budget_mb"]
    ]
    if over:
        raise BudgetError("\n".join(over))


def repeat(source: Path, target: Path, times: int) -> None:
    """Copy the IDX files in `source`; repeat the items of the training files `times` times."""
    target.mkdir(parents=True)
    for path in sorted(source.glob("*-ubyte")):
        content = path.read_bytes()
        copies = times if path.name.startswith("train") else 1
        # items start after the magic number and the length of each axis
        start = 4 + 4 * content[3]
        count = struct.unpack(">I", content[4:8])[0]
        with (target / path.name).open("wb") as stream:
            stream.write(content[:4] + struct.pack(">I", count * copies) + content[8:start])
            for _ in range(copies):
                stream.write(content[start:])


if __name__ == "__main__":
    cli.run(main)
