"""What must hold while a stage runs: no other process runs it, and its code and params stay.

DVC hashes the dependencies of a stage after its command, so code that was edited meanwhile would
be recorded as what made the outputs (github.com/treeverse/dvc/issues/11058). And it keeps two
`dvc repro` apart, but not a stage whose `dvc repro` was killed from the one that is started next.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion import PLUMBING
from fashion.config.loader import sections_loaded
from fashion.errors import FashionError

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("fashion", "stages")


def content(path: Path) -> bytes | None:
    """What the file `path` holds; None where it is gone."""
    try:
        return path.read_bytes()
    except OSError:
        return None


# Kept when this is imported, which `stages` does before a stage is read. Times of files would not
# tell: a clock may be behind them, and an editor may write again what was there.
AT_START = {path: content(path) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}


class GuardError(FashionError):
    """A stage that may not start, or whose outputs may not be recorded."""


@contextmanager
def single_instance(run: str, folder: str | Path = ".runs") -> Iterator[None]:
    """Run the block as the only process that runs `run` in this checkout.

    The lock is the operating system's, on a file in `folder`, and ends with the process however it
    ends. A file system without locks is told on stderr, and the block runs without one. Raises
    `GuardError` with the ID of the process that holds the lock.
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
        except OSError as error:  # as of some network drives
            print(
                f"{path}: this file system has no locks ({error.strerror}), so {run} runs without "
                "one; do not start it twice at the same time",
                file=sys.stderr,
            )
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


@contextmanager
def refuse_changes() -> Iterator[None]:
    """Run the block, then raise `GuardError` if code or params that it used have changed."""
    yield
    names = {
        "source code": edited_code(),
        "parameters": [key for key, is_same in sections_loaded() if not is_same],
    }
    changed = [what for what, which in names.items() if which]
    if changed:
        raise GuardError(
            f"{' and '.join(changed)} changed during the run, so the results were not recorded; "
            f"run it again: {', '.join(name for which in names.values() for name in which)}"
        )


def edited_code() -> list[str]:
    """The files of `loaded_code` that no longer hold what they held when this process started."""
    return [
        str(path.relative_to(ROOT))
        for path in loaded_code()
        if path not in AT_START or content(path) != AT_START[path]
    ]


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
