"""Verify: are the committed results those that the committed code makes of the data?

The commit is cloned into a temporary folder with an empty cache, another path, time zone and
`PYTHONHASHSEED`, `dvc repro` makes everything anew, and each layer is compared with what is
committed. What counts as equal, and within which tolerance, stands in `verification/layers.py`.
`quick` leaves out the trainings that took more than a minute, and judges all that is left.

Out: a table. Exit code 1 if anything is different. Run: `make verify` or `make verify-quick`.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tabulate import tabulate

from benchmarks.checkout import ROOT, UP_TO_DATE, Checkout
from benchmarks.seeds import are_current
from fashion import command
from fashion.artifacts import read_json
from fashion.digests import md5
from fashion.errors import FashionError
from fashion.machine import signature
from fashion.params import load_params
from fashion.timing import belongs
from verification import layers
from verification.layers import OTHER, Row, Verdict

EXTENTS = ("whole", "quick")
LONG_SECONDS = 60
SEEDS = "reports/benchmarks/seeds.json"


class VerificationError(FashionError):
    """Results that are not those of the code and the data."""


def main(extent: str = "whole", source: Path = ROOT) -> None:
    """Verify the last commit of the repository `source`; `extent` is `whole` or `quick`."""
    if extent not in EXTENTS:
        raise VerificationError(f"expected one of {', '.join(EXTENTS)}; received {extent}")
    with TemporaryDirectory(prefix="verify-") as temporary:
        reproduction = Reproduction(source, Path(temporary), extent)
        print(reproduction.describe(), flush=True)
        rows = list(reproduction.compare())
    print(tabulate(rows, headers=["layer", "what", "verdict", "why"], tablefmt="simple"))
    count = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    print(", ".join(f"{number} {verdict}" for verdict, number in count.items()))
    if count[Verdict.DIFFERENT]:
        raise VerificationError(f"{count[Verdict.DIFFERENT]} of {len(rows)} are different")
    if count[Verdict.UNJUDGED]:
        raise VerificationError("some scores have nothing to be judged by: `make seeds`")


class Reproduction:
    """A clone of the last commit of `source` in `folder`, and what was committed beside it."""

    def __init__(self, source: Path, folder: Path, extent: str):
        self.source = source
        self.judged = folder / "judged"
        self.committed = folder / "committed"
        seed = str(random.SystemRandom().randrange(2**32))
        elsewhere = {"PYTHONHASHSEED": seed, "TZ": "Pacific/Kiritimati"}
        self.clone = Checkout.clone(source, folder / f"clone-{seed}", **elsewhere)
        shutil.copytree(self.clone.folder, self.committed, ignore=shutil.ignore_patterns(".git"))
        self.recorded = self.clone.recorded()
        self.params = load_params(self.committed / "params.yaml")
        self.machine = signature(self.params.train.threads)
        self.records = {network: self._record(network) for network in self.params.models}
        self.long = {
            network
            for network, record in self.records.items()
            if extent == "quick" and not record.get("seconds", LONG_SECONDS) < LONG_SECONDS
        }

    def _record(self, network: str) -> dict[str, Any]:
        """On what the committed results of `network` were made; empty if that is not known."""
        report = self.committed / "reports" / network
        record = read_json(report / "timing.json")
        return record if belongs(record, report / "history" / "metrics.json") else {}

    def _same_machine(self, network: str) -> bool:
        """Whether bytes must be equal: where it is not known on what they were made, they must."""
        return self.records[network].get("machine", self.machine) == self.machine

    def describe(self) -> str:
        """The commit, this machine, and how it differs from those that the results are of."""
        lines = [
            f"commit {self.clone.git('rev-parse', 'HEAD').strip()}, reproduced in a fresh clone",
            "this machine: " + ", ".join(f"{key} {value}" for key, value in self.machine.items()),
        ]
        for network, record in self.records.items():
            known = record.get("machine", self.machine)
            differing = {
                key: known.get(key)
                for key, value in self.machine.items()
                if known.get(key) != value
            }
            where = f"another machine: {differing}" if differing else "the same kind of machine"
            unknown = "" if record else ", taken for it: timing.json is of another training"
            lines.append(f"committed {network}: {where}{unknown}")
        return "\n".join(lines)

    def compare(self) -> Iterator[Row]:
        """Reproduce and compare, layer by layer."""
        current = self.clone.is_up_to_date("--allow-missing")
        yield Row("lock", "dvc.lock, of this code", layers.equal(current), UP_TO_DATE)
        self.clone.run("dvc", "repro", "preprocess")
        yield from layers.data(self.recorded, self.clone.found())
        for network in self.records:
            yield from layers.consistency(network, self.committed)
            yield from self._judge_committed_model(network)
        for network in self.records:
            if network in self.long:
                yield from self._without_training(network)
            else:
                yield from self._with_training(network)
        if not self.long:
            yield from self._lock()

    def _judge_committed_model(self, network: str) -> Iterator[Row]:
        """Let the committed model judge the test images here, if this machine has it."""
        model = f"models/{network}.keras"
        kept = self.source / model
        if not kept.exists() or md5(kept) != self.recorded[model]:
            why = "this checkout has not the committed model: `dvc pull` or `make repro` gets it"
            yield Row("predictions", f"{model}, as committed", Verdict.SKIPPED, why)
            return
        target = self.clone.folder / model
        target.parent.mkdir(exist_ok=True)
        shutil.copy(kept, target)
        judging = self.clone.stage("evaluate", network, check=False)
        if judging.returncode:
            why = judging.stderr.strip().splitlines()[-1]
            yield Row("predictions", f"{model}, as committed", Verdict.DIFFERENT, why)
            return
        report = Path("reports") / network
        shutil.copytree(self.clone.folder / report, self.judged / report)
        target.unlink()
        self.clone.git("checkout", "--", str(report))
        yield layers.predictions(network, self.committed, self.judged)
        yield layers.judgement(network, self.committed, self.judged)

    def _with_training(self, network: str) -> Iterator[Row]:
        # what is there already, as Git has it, would not be made again
        shutil.rmtree(self.clone.folder / "reports" / network)
        self.clone.run("dvc", "repro", f"plot@{network}")
        folders = self.committed, self.clone.folder
        same = self._same_machine(network)
        yield layers.weights(network, *folders, same)
        yield from layers.metrics(network, *folders, same, self._seeds(network))
        yield from layers.pictures(network, *folders)

    def _seeds(self, network: str) -> dict[str, Any]:
        """The seed statistics of `network`; empty if there are none of what is committed."""
        path = self.committed / SEEDS
        seeds = read_json(path) if path.exists() else {"networks": {}}
        scores = read_json(self.committed / "reports" / network / "metrics.json")
        current = are_current(seeds, self.params, network, scores)
        return seeds["networks"][network] if current else {}

    def _without_training(self, network: str) -> Iterator[Row]:
        """Compare what follows from the committed history and predictions."""
        yield Row("weights", f"models/{network}.keras", Verdict.SKIPPED, "quick: not trained")
        self.clone.stage("plot", network)
        yield from layers.pictures(network, self.committed, self.clone.folder)

    def _lock(self) -> Iterator[Row]:
        same = all(map(self._same_machine, self.records))
        equal = (self.committed / "dvc.lock").read_bytes() == (
            self.clone.folder / "dvc.lock"
        ).read_bytes()
        why = "deps, params and outputs of every stage"
        verdict = layers.equal(equal) if equal or same else Verdict.SKIPPED
        yield Row("lock", "dvc.lock, written again", verdict, why if equal or same else OTHER)
        done = self.clone.is_up_to_date()
        yield Row("lock", "dvc repro, again", layers.equal(done), UP_TO_DATE)


if __name__ == "__main__":
    command.run(main, "extent")
