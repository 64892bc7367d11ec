"""What becomes of memory and time when the data grows: `preprocess`, and one epoch of training.

The training images of `data/raw` are repeated 4 and 16 times, and everything else stays. Memory
should stay where it is, and time grow with the data. Out: `reports/benchmarks/growth.json`.
Run: `python -m benchmarks.growth`; about 12 minutes, most of it 16 times an epoch of the `cnn`,
and 2 GB of temporary files.
"""

import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.checkout import ROOT
from benchmarks.machine import describe
from benchmarks.runs import Run, run, workspace
from fashion import command
from fashion.artifacts import write_json

TIMES = (1, 4, 16)
NETWORKS = ("mlp", "cnn")
RAW = ROOT / "data" / "raw"


def main(report: str = "reports/benchmarks/growth.json", times: tuple[int, ...] = TIMES) -> None:
    """Measure each stage at each of `times` the data; the file is written anew after each."""
    rows: list[dict[str, Any]] = []
    for factor in times:
        with TemporaryDirectory(prefix="bench-") as temporary:
            data = Path(temporary)
            repeat(RAW, data / "raw", factor)
            rows.append({"times": factor, **measure(data)})
        print(rows[-1], flush=True)
        write_json(report, {"machine": describe(), "runs": rows})


def measure(data: Path) -> dict[str, Any]:
    """Seconds and peak memory of the stages on the data in the folder `data`."""
    one_epoch = {f"models.{network}.fit.epochs": 1 for network in NETWORKS}
    with workspace(one_epoch, data) as folder:
        stages = {"preprocess": run("stages.preprocess", folder=folder)}
        stages |= {network: run("stages.train", network, folder=folder) for network in NETWORKS}
    return {name: figures(stage) for name, stage in stages.items()}


def figures(stage: Run) -> dict[str, float]:
    """The numbers of a run."""
    return {"seconds": round(stage.seconds, 2), "peak_mb": round(stage.peak_mb)}


def repeat(source: Path, target: Path, factor: int) -> None:
    """Copy the IDX files in `source`, with the items of the training files `factor` times."""
    target.mkdir(parents=True)
    for path in sorted(source.glob("*-ubyte")):
        content = path.read_bytes()
        times = factor if path.name.startswith("train") else 1
        axes = content[3]
        count, body = struct.unpack(">I", content[4:8])[0], content[4 + 4 * axes :]
        with (target / path.name).open("wb") as stream:
            stream.write(content[:4] + struct.pack(">I", count * times) + content[8 : 4 + 4 * axes])
            for _ in range(times):
                stream.write(body)


if __name__ == "__main__":
    command.run(main)
