"""Verify: are the committed results those that the committed code makes of the data?

The last commit is cloned into a temporary folder with an empty cache, another time zone and another
`PYTHONHASHSEED`; `dvc repro` makes everything anew; the MD5 of each output is compared with that in
the committed `dvc.lock`. Data must be equal everywhere, and all outputs of a network where
`models/NETWORK.environment.json` is: the environment that the last bits depend on. In another
environment accuracy and loss, committed and reproduced, must lie where another seed's would
(`benchmarks.seeds`). `quick` trains only the network with the fewest parameters.

Out: a table. Exit code 1 if anything is different.
Run: `python -m tools.verify` or `python -m tools.verify quick`.
"""

import random
import shutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tabulate import tabulate

from benchmarks.seeds import WITH_INTERVAL, current
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_json
from fashion.models.determinism import environment
from tools.champion import champion_pipeline
from tools.checkout import ROOT, Checkout

EXTENTS = ("whole", "quick")
Digests = dict[str, str]  # MD5 of outputs by path


class VerificationError(FashionError):
    """Results that are not those of the code and the data."""


class Verdict(StrEnum):
    """What came of a comparison."""

    EQUAL = "equal"
    WITHIN = "within interval"
    DIFFERENT = "DIFFERENT"
    SKIPPED = "not compared"
    UNCHECKED = "NOT CHECKED"


class Row(NamedTuple):
    """One comparison: of what, how it ended, and why."""

    what: str
    verdict: Verdict
    why: str = ""


def main(extent: str = "whole", source: Path = ROOT) -> None:
    """Verify the last commit of the repository `source`; `extent` is `whole` or `quick`."""
    if extent not in EXTENTS:
        raise VerificationError(f"expected one of {', '.join(EXTENTS)}; received {extent}")
    with TemporaryDirectory(prefix="verify-") as temporary:
        elsewhere = {"PYTHONHASHSEED": str(random.SystemRandom().randrange(2**32))}
        elsewhere["TZ"] = "Pacific/Kiritimati"
        clone = Checkout.clone(source, Path(temporary) / "clone", **elsewhere)
        rows = list(verify(clone, extent))
    print(tabulate(rows, headers=["what", "verdict", "why"], tablefmt="simple"))
    count = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    print(", ".join(f"{number} {verdict}" for verdict, number in count.items()))
    if count[Verdict.DIFFERENT]:
        raise VerificationError(f"{count[Verdict.DIFFERENT]} of {len(rows)} are different")


def verify(clone: Checkout, extent: str) -> Iterator[Row]:
    """Reproduce in `clone`, which has no outputs but those in Git, and compare."""
    params = Params.load(clone.folder / "params.yaml")
    found = environment(params.train.threads, params.train.precision)
    here = ", ".join(f"{key} {value}" for key, value in found.items())
    print(f"commit {clone.git('rev-parse', 'HEAD').strip()}\nenvironment: {here}", flush=True)
    yield up_to_date("dvc.lock is of this code", clone, "--allow-missing")
    if params.champions:
        with champion_pipeline(clone.folder) as pipeline:
            yield up_to_date(
                "champion/dvc.lock is of this code", clone, "--allow-missing", pipeline
            )
    before, committed = clone.lock(), read_metrics(clone, params)
    smallest = min(committed, key=lambda network: committed[network]["parameters"])
    trained = {smallest} if extent == "quick" else set(committed)
    shutil.rmtree(clone.folder / "reports" / "data")  # or DVC would take it for made
    clone.run("dvc", "repro", "describe")
    for network in trained:
        shutil.rmtree(clone.folder / "reports" / network)
        (clone.folder / "models" / f"{network}.onnx").unlink()
        clone.run("dvc", "repro", f"export@{network}", f"plot@{network}")
    after, reproduced = clone.lock(), read_metrics(clone, params)
    yield from compare_data(digests(before), digests(after))
    for network in params.models:
        if network in trained:
            old, new = (digests(lock, f"@{network}") for lock in (before, after))
            scores = {"committed": committed[network], "reproduced": reproduced[network]}
            ends = intervals(clone.folder, params, network)
            yield from compare_network(network, old, new, scores, ends)
        else:
            yield Row(f"outputs of {network}", Verdict.SKIPPED, "quick: not trained")
    if extent == "whole":
        yield up_to_date("dvc repro, again", clone)


def read_metrics(checkout: Checkout, params: Params) -> dict[str, dict[str, float]]:
    """The scores of each network as they stand in `checkout`."""
    reports = checkout.folder / "reports"
    return {network: read_json(reports / network / "metrics.json") for network in params.models}


def up_to_date(what: str, clone: Checkout, *options: str) -> Row:
    """Whether `dvc repro` has nothing to do in `clone`."""
    if clone.is_up_to_date(*options):
        return Row(what, Verdict.EQUAL, "Data and pipelines are up to date.")
    return Row(what, Verdict.DIFFERENT, "`dvc repro` would run stages")


def digests(lock: Mapping[str, Any], suffix: str = "") -> Digests:
    """The MD5 of the outputs of the stages of `lock` whose name ends in `suffix`, by path."""
    stages = [stage for name, stage in lock.items() if name.endswith(suffix)]
    return {out["path"]: out["md5"] for stage in stages for out in stage["outs"]}


def intervals(root: Path, params: Params, network: str) -> dict[str, tuple[float, float]]:
    """Where the scores of another seed would lie; empty without statistics of these settings."""
    known = current(params, network, root)
    return {
        name: known[name]["interval"] for name in WITH_INTERVAL if "interval" in known.get(name, {})
    }


def compare_data(before: Digests, after: Digests) -> Iterator[Row]:
    """Compare the digests of the data and of the report of them, which are equal everywhere."""
    for path, expected in before.items():
        if path.startswith(("data/", "reports/data/")):
            yield compare(path, expected, after.get(path))


def compare(path: str, expected: str | None, found: str | None) -> Row:
    """The verdict where equality is demanded."""
    if expected == found:
        return Row(path, Verdict.EQUAL)
    why = f"checksum mismatch: expected {expected or 'none'}, found {found or 'none'}"
    return Row(path, Verdict.DIFFERENT, why)


def compare_network(
    network: str,
    before: Digests,
    after: Digests,
    metrics: Mapping[str, Mapping[str, float]],
    ends: Mapping[str, tuple[float, float]],
) -> Iterator[Row]:
    """Compare the outputs of `network`: by their bytes in the same environment, else by scores.

    `metrics` are the scores, committed and reproduced; `ends` is what `intervals` gives.
    """
    kind = f"models/{network}.environment.json"
    is_same = before.get(kind) == after.get(kind)
    for path in sorted(before.keys() | after.keys()):
        row = compare(path, before.get(path), after.get(path))
        if is_same or row.verdict is Verdict.EQUAL:
            yield row
        elif path == f"reports/{network}/metrics.json":
            yield from compare_scores(path, metrics, ends)
        else:
            yield Row(path, Verdict.SKIPPED, "another environment")


def compare_scores(
    path: str,
    metrics: Mapping[str, Mapping[str, float]],
    ends: Mapping[str, tuple[float, float]],
) -> Iterator[Row]:
    """Whether each score lies in the interval that holds those of other seeds."""
    if not ends:
        why = "no seed statistics of these settings, run `make seeds`"
        yield Row(path, Verdict.UNCHECKED, why)
    for name, (low, high) in ends.items():
        for whose, scores in metrics.items():
            is_inside = low <= scores[name] <= high
            verdict, place = (Verdict.WITHIN, "in") if is_inside else (Verdict.DIFFERENT, "outside")
            why = f"{scores[name]:.4f} is {place} {low:.4f} to {high:.4f}"
            yield Row(f"{path}: {name}, {whose}", verdict, why)


if __name__ == "__main__":
    cli.run(main, "extent")
