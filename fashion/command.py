"""The command line of a stage: arguments in, errors out as one line."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from pathlib import Path

from fashion import cluster
from fashion.errors import FashionError
from fashion.guards import alone, unchanged


def run(main: Callable[..., object], *arguments: str) -> None:
    """Call `main` with the named command-line `arguments`, as `python -m PACKAGE.NAME` does.

    A `FashionError` is printed on stderr without a traceback and becomes the exit code; what the
    system refuses (a full disk, a folder that may not be written) exits with 1, an interrupt
    with 130, as shells do.
    """
    parser = argparse.ArgumentParser(description=sys.modules[main.__module__].__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    for argument in arguments:
        parser.add_argument(argument)
    try:
        main(**vars(parser.parse_args()))
    except FashionError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except (OSError, sqlite3.OperationalError) as error:  # the second from DVC, by way of DVCLive
        print(f"the system refused: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(
            "interrupted; run the same command again: a training goes on after its last whole "
            "epoch, all else starts over",
            file=sys.stderr,
        )
        sys.exit(130)


def run_stage(main: Callable[..., object], *arguments: str) -> None:
    """`run`, for a stage: refused while it runs already, or if its inputs change meanwhile.

    The second holds where DVC runs it (which says so by `DVC_STAGE`): only then it is recorded.
    """
    stage = os.environ.get("DVC_STAGE")

    @wraps(main)
    def guarded(**values: str) -> None:
        parts = [Path(main.__code__.co_filename).stem, *values.values(), cluster.follower()]
        name = "@".join(part for part in parts if part)
        with alone(name), unchanged(stage) if stage else nullcontext():
            main(**values)

    run(guarded, *arguments)
