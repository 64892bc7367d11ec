"""What must hold while a stage runs: no other process runs it, and its code and params stay.

DVC hashes the dependencies of a stage after its command, so code that was edited meanwhile would
be recorded as what made the outputs (github.com/treeverse/dvc/issues/11058). And it keeps two
`dvc repro` apart, but not a stage whose `dvc repro` was killed from the one that is started next.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion import PLUMBING
from fashion.errors import FashionError
from fashion.params.loading import sections_loaded

STARTED = time.time()  # of this process, but for what it imported before
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("fashion", "stages")


class GuardError(FashionError):
    """A stage that may not start, or whose outputs may not be recorded."""


@contextmanager
def single_instance(run: str, folder: str | Path = ".runs") -> Iterator[None]:
    """Run the block as the only process that runs `run` in this checkout.

    The lock is the operating system's, on a file in `folder`, and ends with the process however it
    ends. Raises `GuardError` with the ID of the process that holds it.
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
                f"{run} is already running, as process {process}; wait for it, or stop it by "
                f"`kill {process}`, then run `dvc repro` again"
            ) from None
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


@contextmanager
def refuse_changes() -> Iterator[None]:
    """Run the block, then raise `GuardError` if code or params that it used have changed."""
    yield
    changed = [str(path.relative_to(ROOT)) for path in loaded_code() if is_edited(path)]
    changed += [key for key, is_same in sections_loaded() if not is_same]
    if changed:
        raise GuardError(
            f"{', '.join(changed)} changed while this ran: the outputs are not of what DVC would "
            "record, so they are not recorded; run it again"
        )


def is_edited(path: Path) -> bool:
    """Whether the file `path` is gone or newer than this process."""
    return not path.exists() or path.stat().st_mtime > STARTED


def loaded_code() -> list[Path]:
    """The project's files that this process has imported, but for what changes no output."""
    files = (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
    paths = {Path(file).resolve() for file in files if file}
    packages = [ROOT / package for package in PACKAGES]
    plumbing = [ROOT / name for name in PLUMBING]
    return sorted(
        path
        for path in paths
        if path.name != "__init__.py"  # a docstring
        and any(path.is_relative_to(package) for package in packages)
        and not any(path.is_relative_to(name) for name in plumbing)
    )
