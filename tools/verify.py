"""Verify: do the committed code, parameters and data give the committed results?

The last commit is cloned into a temporary folder with an empty cache, another time zone and another
`PYTHONHASHSEED`. `dvc repro` makes everything again there, and the MD5 of each output is compared
with that in the committed `dvc.lock`. The data must always be equal. If
`models/NETWORK.environment.json` is equal, the outputs of that network must also be equal. In
another environment, the committed and the reproduced accuracy and loss must lie in the interval
expected for one more seed (`benchmarks.seeds`). `quick` trains only the network with the fewest
parameters.

Out: a table. The exit code is 1 if anything differs.
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

from benchmarks.seeds import WITH_INTERVAL, seed_statistics
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_json
from fashion.models.determinism import environment
from tools.champion import champion_pipeline
from tools.checkout import ROOT, UP_TO_DATE, Checkout

EXTENTS = ("full", "quick")
Digests = dict[str, str]  # MD5 of outputs by path
Scores = Mapping[str, Mapping[str, float]]
Intervals = Mapping[str, tuple[float, float]]


class VerificationError(FashionError):
    """The committed results are not those of the committed code and data."""


class Verdict(StrEnum):
    """The result of a comparison."""

    EQUAL = "equal"
    WITHIN = "within interval"
    DIFFERENT = "DIFFERENT"
    SKIPPED = "not compared"
    UNCHECKED = "NOT CHECKED"


class Row(NamedTuple):
    """One comparison: its subject, its result, and the reason."""

    subject: str
    verdict: Verdict
    reason: str = ""


def main(extent: str = "full", source: Path = ROOT) -> None:
    """Verify the last commit of the repository `source`; `extent` is `full` or `quick`."""
    if extent not in EXTENTS:
        raise VerificationError(f"expected one of {', '.join(EXTENTS)}; received {extent}")
    hash_seed = str(random.SystemRandom().randrange(2**32))
    with TemporaryDirectory(prefix="verify-") as temporary:
        clone = Checkout.clone(
            source, Path(temporary) / "clone", PYTHONHASHSEED=hash_seed, TZ="Pacific/Kiritimati"
        )
        rows = list(verify(clone, extent))
    print(tabulate(rows, headers=["what", "verdict", "why"], tablefmt="simple"))
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if counts[Verdict.DIFFERENT]:
        raise VerificationError(f"{counts[Verdict.DIFFERENT]} of {len(rows)} are different")


def verify(clone: Checkout, extent: str) -> Iterator[Row]:
    """Reproduce the results in `clone`, a fresh clone, and compare them."""
    params = Params.load(clone.folder / "params.yaml")
    this_environment = environment(params.train.threads, params.train.precision)
    print(f"commit {clone.git('rev-parse', 'HEAD').strip()}")
    print("environment:", ", ".join(f"{k} {v}" for k, v in this_environment.items()), flush=True)
    yield up_to_date("dvc.lock matches the code", clone, "--allow-missing")
    if params.champions:
        with champion_pipeline(clone.folder) as pipeline:
            subject = "champion/dvc.lock matches the code"
            yield up_to_date(subject, clone, "--allow-missing", pipeline)
    before, committed = clone.lock(), read_metrics(clone, params)
    smallest = min(committed, key=lambda network: committed[network]["parameters"])
    networks = [smallest] if extent == "quick" else list(committed)
    shutil.rmtree(clone.folder / "reports" / "data")  # DVC would keep outputs that exist
    clone.run("dvc", "repro", "describe")
    for network in networks:
        shutil.rmtree(clone.folder / "reports" / network)
        (clone.folder / "models" / f"{network}.onnx").unlink()
        clone.run("dvc", "repro", f"export@{network}", f"plot@{network}")
    after, reproduced = clone.lock(), read_metrics(clone, params)
    yield from compare_data(digests(before), digests(after))
    for network in networks:
        old, new = (digests(lock, f"@{network}") for lock in (before, after))
        scores = {"committed": committed[network], "reproduced": reproduced[network]}
        score_intervals = intervals(clone.folder, params, network)
        yield from compare_network(network, old, new, scores, score_intervals)
    for network in sorted(committed.keys() - networks):
        yield Row(f"outputs of {network}", Verdict.SKIPPED, "quick: not trained")
    if extent == "full":
        yield up_to_date("dvc repro, again", clone)


def read_metrics(checkout: Checkout, params: Params) -> dict[str, dict[str, float]]:
    """The scores of each network in `checkout`."""
    reports = checkout.folder / "reports"
    return {network: read_json(reports / network / "metrics.json") for network in params.models}


def up_to_date(subject: str, clone: Checkout, *options: str) -> Row:
    """Whether `dvc repro` has nothing to do in `clone`."""
    if clone.is_up_to_date(*options):
        return Row(subject, Verdict.EQUAL, UP_TO_DATE)
    return Row(subject, Verdict.DIFFERENT, "`dvc repro` would run stages")


def digests(lock: Mapping[str, Any], suffix: str = "") -> Digests:
    """The MD5 of each output, by path, of the stages in `lock` whose name ends in `suffix`."""
    stages = [stage for name, stage in lock.items() if name.endswith(suffix)]
    return {out["path"]: out["md5"] for stage in stages for out in stage["outs"]}


def intervals(root: Path, params: Params, network: str) -> Intervals:
    """The interval of each score for one more seed; empty without statistics of these settings."""
    statistics = seed_statistics(params, network, root)
    scores = {name: statistics.get(name, {}) for name in WITH_INTERVAL}
    return {name: score["interval"] for name, score in scores.items() if "interval" in score}


def compare(path: str, expected: str | None, found: str | None) -> Row:
    """Compare two digests of `path`; None if there is no such output."""
    if expected == found:
        return Row(path, Verdict.EQUAL)
    reason = f"checksum mismatch: expected {expected or 'none'}, found {found or 'none'}"
    return Row(path, Verdict.DIFFERENT, reason)


def compare_data(before: Digests, after: Digests) -> Iterator[Row]:
    """Compare the data and the report of the data."""
    for path, expected in before.items():
        if path.startswith(("data/", "reports/data/")):
            yield compare(path, expected, after.get(path))


def compare_network(
    network: str, before: Digests, after: Digests, scores: Scores, score_intervals: Intervals
) -> Iterator[Row]:
    """Compare the outputs of `network`: bytes in the same environment, scores in another one.

    `scores` has the metrics under `committed` and `reproduced`. `score_intervals` is the result of
    `intervals`.
    """
    environment_file = f"models/{network}.environment.json"
    same_environment = before.get(environment_file) == after.get(environment_file)
    for path in sorted(before.keys() | after.keys()):
        row = compare(path, before.get(path), after.get(path))
        if same_environment or row.verdict is Verdict.EQUAL:
            yield row
        elif path == f"reports/{network}/metrics.json":
            yield from compare_scores(path, scores, score_intervals)
        else:
            yield Row(path, Verdict.SKIPPED, "another environment")


def compare_scores(path: str, scores: Scores, score_intervals: Intervals) -> Iterator[Row]:
    """Check that each score lies in the interval expected for one more seed."""
    if not score_intervals:
        reason = "no statistics of seeds with these settings; run `make seeds`"
        yield Row(path, Verdict.UNCHECKED, reason)
    for name, (low, high) in score_intervals.items():
        for source, values in scores.items():
            inside = low <= values[name] <= high
            reason = (
                f"{values[name]:.4f} is {'in' if inside else 'outside'} {low:.4f} to {high:.4f}"
            )
            verdict = Verdict.WITHIN if inside else Verdict.DIFFERENT
            yield Row(f"{path}: {name}, {source}", verdict, reason)


if __name__ == "__main__":
    cli.run(main, "extent")
