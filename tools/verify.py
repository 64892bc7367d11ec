"""Verify: do the committed code, parameters and data give the committed results?

The last commit is cloned into a temporary folder with an empty cache, another time zone and another
`PYTHONHASHSEED`. There, `dvc repro --force` makes everything again, or with `quick` only the data
and the network with the fewest parameters. Each output must have the MD5 in the committed
`dvc.lock`.

Results differ in their last bits on another operating system or architecture and, of a network with
`fit.instructions: native`, on another kind of processor. `models/NETWORK.environment.json` then
differs too. The accuracy and loss of such a network must lie in the interval expected for one more
seed (`benchmarks.seeds`).

Your own images are pulled from the DVC remote. Without a remote, nothing is verified.
Run: `python -m tools.verify` or `python -m tools.verify quick`.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.seeds import WITH_INTERVAL, seed_statistics
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_json
from tools.champion import champion_pipeline
from tools.checkout import ROOT, Checkout

EXTENTS = ("full", "quick")
Scores = dict[str, float]


class VerificationError(FashionError):
    """The committed results are not those of the committed code and data."""


def main(extent: str = "full", source: Path = ROOT) -> None:
    """Verify the last commit of the repository `source`; `extent` is `full` or `quick`.

    Raises `VerificationError` with a line for each difference.
    """
    if extent not in EXTENTS:
        raise VerificationError(f"expected one of {', '.join(EXTENTS)}; received {extent}")
    variables = {"PYTHONHASHSEED": str(random.getrandbits(32)), "TZ": "Pacific/Kiritimati"}
    with TemporaryDirectory(prefix="verify-") as temporary:
        clone = Checkout.clone(source, Path(temporary) / "clone", **variables)
        print(f"commit {clone.git('rev-parse', 'HEAD').strip()}", flush=True)
        if not has_data(clone):
            print("nothing verified: the images are in no DVC remote (docs/scaling.md, Storage)")
            return
        differences = list(verify(clone, extent))
    if differences:
        raise VerificationError("\n".join(["not reproduced:", *differences]))
    print("reproduced")


def has_data(clone: Checkout) -> bool:
    """Whether `clone` can get the data: files are downloaded, and own images pulled now."""
    if Params.load(clone.folder / "params.yaml").download.files:
        return True
    if not clone.run("dvc", "remote", "list").stdout.strip():
        return False
    clone.run("dvc", "pull", "download")
    clone.run("dvc", "freeze", "download")  # the folder that it copies exists elsewhere only
    return True


def verify(clone: Checkout, extent: str) -> Iterator[str]:
    """Reproduce the results in `clone`, a fresh clone, and yield a line for each difference."""
    params = Params.load(clone.folder / "params.yaml")
    yield from outdated_locks(clone, params)
    committed = {name: read_scores(clone, name) for name in params.models}
    networks, targets = [*committed], []
    if extent == "quick":
        networks = [min(committed, key=lambda name: committed[name]["parameters"])]
        targets = ["describe", f"export@{networks[0]}", f"plot@{networks[0]}"]
    before = digests(clone)
    clone.run("dvc", "repro", "--force", *targets)
    after = digests(clone)
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    for name in networks:
        outputs = {(stage, path) for stage, path in changed if stage.endswith(f"@{name}")}
        if (f"train@{name}", f"models/{name}.environment.json") in outputs:
            print(f"{name}: trained in another environment, so scores are compared", flush=True)
            changed -= outputs
            statistics = seed_statistics(params, name, clone.folder)
            yield from outside_intervals(name, statistics, "committed", committed[name])
            yield from outside_intervals(name, statistics, "found", read_scores(clone, name))
    for key in sorted(changed):
        yield f"{key[1]}: expected MD5 {before.get(key)}, found {after.get(key)}"
    print(f"{len(after.items() & before.items())} of {len(after)} outputs have the committed bytes")


def outdated_locks(clone: Checkout, params: Params) -> Iterator[str]:
    """A line for each lock file that does not belong to the committed code and parameters."""
    if not clone.is_up_to_date("--allow-missing"):
        yield "dvc.lock: of other code, parameters or reports; run `make repro`"
    if params.champions:
        with champion_pipeline(clone.folder) as pipeline:
            if not clone.is_up_to_date("--allow-missing", pipeline):
                yield "champion/dvc.lock: of other code, parameters or reports; run `make champion`"


def read_scores(clone: Checkout, network: str) -> Scores:
    """The scores of `network` in `clone`."""
    return read_json(clone.folder / "reports" / network / "metrics.json")[network]


def digests(clone: Checkout) -> dict[tuple[str, str], str]:
    """The MD5 of each output in `dvc.lock`, by stage and path."""
    stages = clone.lock().items()
    return {(name, out["path"]): out["md5"] for name, stage in stages for out in stage["outs"]}


def outside_intervals(
    network: str, statistics: Mapping[str, Any], source: str, scores: Scores
) -> Iterator[str]:
    """A line for each of `scores` outside its interval; `source` says which scores they are."""
    for name in WITH_INTERVAL:
        if "interval" not in statistics.get(name, {}):
            print(f"{network}: {name} was not compared; `make seeds` finds its interval")
            continue
        low, high = statistics[name]["interval"]
        if not low <= scores[name] <= high:
            yield f"{network}: {source} {name} {scores[name]:.4f} is not in {low:.4f} to {high:.4f}"


if __name__ == "__main__":
    cli.run(main, "extent")
