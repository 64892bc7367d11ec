"""What must hold while a stage runs: no other one writes the same, and its inputs stay.

DVC hashes the dependencies of a stage after its command, so code that was edited meanwhile would
be recorded as what made the outputs (github.com/treeverse/dvc/issues/11058). And it keeps two
`dvc repro` apart, but not a stage whose `dvc repro` was killed from the one that is started next.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fashion.digests import tree_sha256
from fashion.errors import FashionError

STARTED = time.time()  # of this process, but for what it imported before
PIPELINES = ("dvc.yaml", "tune/dvc.yaml")
ITEM = re.compile(r"\$\{item\.\w+\}")


class GuardError(FashionError):
    """A stage that may not start, or whose outputs may not be recorded."""


@contextmanager
def alone(run: str, folder: str | Path = ".runs") -> Iterator[None]:
    """Run the block as the only one called `run` in this checkout.

    The lock is the system's, on a file in `folder`, and ends with the process however it ends.
    Raises `GuardError` with the number of the process that has it.
    """
    path = Path(folder) / f"{run}.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            process = stream.read().strip()
            raise GuardError(
                f"{run} is running here already, as process {process}; wait for its end, or stop "
                f"it by `kill {process}`, then run `dvc repro` again"
            ) from None
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


@contextmanager
def unchanged(stage: str) -> Iterator[None]:
    """Run the block, then raise `GuardError` if what `stage` is made from is not what it was.

    `stage` is an address in `dvc.yaml`, as in `preprocess`, `train@cnn` or `../dvc.yaml:train@cnn`.
    """
    before = inputs(stage)
    refuse_edited(Path(name) for name in before if name.endswith(".py"))
    yield
    after = inputs(stage)
    changed = sorted(name for name in before.keys() | after if before.get(name) != after.get(name))
    if changed:
        raise GuardError(
            f"{', '.join(changed)} changed while {stage} ran: what it wrote is not of what DVC "
            "would record, so it is not recorded; run `dvc repro` again"
        )


def refuse_edited(files: Iterable[Path]) -> None:
    """Raise `GuardError` if one of the code `files` is newer than what this process runs."""
    edited = sorted(str(path) for path in files if path.stat().st_mtime > STARTED)
    if edited:
        raise GuardError(f"{', '.join(edited)} changed after this had started; run it again")


def inputs(stage: str, params: str = "params.yaml") -> dict[str, str]:
    """What DVC records of `stage` as it is now: each dependency's hash, each parameter's value.

    A dependency or parameter that is not there is left out.
    """
    name, _, item = stage.rpartition(":")[2].partition("@")
    pipelines = [_load(file) for file in PIPELINES if Path(file).exists()]
    declared = next(p["stages"][name] for p in pipelines if name in p["stages"])
    paths, keys = (
        [ITEM.sub(item, entry) for entry in declared.get(kind, [])] for kind in ("deps", "params")
    )
    document = _load(params)
    hashes = {path: tree_sha256(path) for path in paths if Path(path).exists()}
    return hashes | {key: repr(_value(document, key)) for key in keys}


def _load(path: str) -> Any:
    return YAML(typ="safe", pure=True).load(Path(path).read_text("utf-8"))


def _value(document: Any, key: str) -> Any:
    for part in key.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document
