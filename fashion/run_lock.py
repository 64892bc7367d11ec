"""One process per stage: a lock that ends with its process.

DVC lets one `dvc repro` run at a time. But if a `dvc repro` was killed, its stage may still be
running when the next `dvc repro` starts it again.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion.errors import FashionError


class RunLockError(FashionError):
    """A stage that is already running."""


@contextmanager
def single_instance(run: str, folder: str | Path = ".runs") -> Iterator[None]:
    """Run the block as the only process that runs `run` in this checkout.

    The operating system holds the lock on a file in `folder` and releases it when the process ends,
    however it ends. If the file system has no locks, a warning goes to stderr and the block runs
    without one.

    Raises `RunLockError` with the ID of the process that holds the lock.
    """
    path = Path(folder) / f"{run}.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            process = stream.read().strip()
            raise RunLockError(
                f"{run} is already running as process {process}; wait for it, or stop it with "
                f"`kill {process}`, then run `dvc repro` again"
            ) from None
        except OSError as error:  # some network drives have no locks
            print(
                f"{path}: this file system has no locks ({error.strerror}), so {run} runs without "
                "one; do not start it twice at the same time",
                file=sys.stderr,
            )
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield
