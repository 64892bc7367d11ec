"""Faults, injected for real: each must be noticed or survived, and cost nothing that was whole.

A small copy of the pipeline (the real data, smaller networks, fewer epochs) is reproduced once.
Then it is killed, starved, edited and damaged, and after each fault `dvc repro` must bring every
output back to the bytes that it had. A fault that costs more ends the round with an error.

Out: `reports/faults.json`: how often each was tried, where it struck, and what it cost, at most.
Run: `make faults`; about 10 minutes.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.machine import describe
from fashion import command
from fashion.artifacts import write_json
from verification import damage, processes, room
from verification.bench import Bench, small_project


class Fault(NamedTuple):
    """What is done how often, and what it may cost; more than that is a `FaultError`."""

    rounds: int
    inject: Callable[[Bench, random.Random], Iterator[str]]
    lost: str = "nothing"


EPOCH = "the epoch begun"
FAULTS = {
    "SIGKILL of `dvc repro`, from an empty checkout on": Fault(2, processes.kill_everything, EPOCH),
    "SIGKILL in any stage": Fault(12, processes.kill_stage, EPOCH),
    "SIGKILL in a training": Fault(8, processes.kill_training, EPOCH),
    "SIGKILL of `dvc` alone, its training living on": Fault(3, processes.kill_dvc_alone, EPOCH),
    "SIGKILL while DVC writes a record of its own": Fault(2, processes.cut_off),
    "Ctrl-C in a training": Fault(5, processes.interrupt, EPOCH),
    "a second `dvc repro` meanwhile": Fault(3, processes.run_twice),
    "code or parameters edited meanwhile": Fault(2, processes.edit, "that run"),
    "no file may grow (quota), in each stage": Fault(1, room.forbid_large_files),
    "full disk, in each stage": Fault(1, room.fill_disk),
    "a flipped bit in data or a model": Fault(8, damage.output),
    "the same, with the file's time unchanged": Fault(8, damage.output_unseen),
    "a flipped bit in DVC's cache": Fault(8, damage.cache),
    "a flipped bit in a model that is loaded": Fault(4, damage.model),
    "a flipped bit in the newest checkpoint": Fault(4, damage.checkpoint, "one epoch more"),
}


def main(report: str = "reports/faults.json", seed: int = 0) -> None:
    """Try every fault, and write how often and where."""
    rng = random.Random(seed)  # noqa: S311  for places, not for secrets
    rows = []
    with TemporaryDirectory(prefix="faults-") as temporary:
        bench = Bench(small_project(Path(temporary) / "project"))
        for name, fault in FAULTS.items():
            if fault.inject is room.fill_disk and not room.can_mount():
                rows.append({"fault": name, "times": 0, "struck": {}, "lost": "not tried here"})
                continue
            struck: Counter[str] = Counter()
            for _ in range(fault.rounds):
                struck.update(fault.inject(bench, rng))
            row = {"fault": name, "times": struck.total(), "struck": dict(sorted(struck.items()))}
            rows.append({**row, "lost": fault.lost})
            print(rows[-1], flush=True)
    write_json(report, {"machine": describe(), "faults": rows})


if __name__ == "__main__":
    command.run(main)
