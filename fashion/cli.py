"""The command line of a stage: arguments in, errors out as one line."""

import argparse
import inspect
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from fashion import cluster
from fashion.errors import FashionError
from fashion.guards import refuse_changes, single_instance


def run(main: Callable[..., object], *arguments: str) -> None:
    """Call `main` with the named command-line `arguments`, as `python -m PACKAGE.NAME` does.

    An argument for which `main` has a default may be left out. A `FashionError` is printed on
    stderr without a traceback and becomes the exit code. An error of the operating system (a full
    disk, a folder without permission) is printed in its own words and exits with 1, an interrupt
    with 130, as shells do.
    """
    parser = argparse.ArgumentParser(description=sys.modules[main.__module__].__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    for argument in arguments:
        default = inspect.signature(main).parameters[argument].default
        optional = {} if default is inspect.Parameter.empty else {"nargs": "?", "default": default}
        parser.add_argument(argument, **optional)
    try:
        main(**vars(parser.parse_args()))
    except FashionError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        print(describe(error), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(
            "interrupted; run the same command again: a training resumes after its last complete "
            "epoch, a search after its last complete trial, any other stage starts over",
            file=sys.stderr,
        )
        sys.exit(130)


def describe(error: OSError) -> str:
    """The operating system's words, with the file that it is about where that is known."""
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)


def run_stage(
    main: Callable[..., object],
    *arguments: str,
    worker: Callable[[], str | None] = cluster.worker_name,
) -> None:
    """`run`, for a stage: refused while it runs already, or if code or params change meanwhile.

    What `main` returns, if anything, is called once it is known that they have not changed.
    `worker` tells the processes of a cluster apart, which may run it at the same time.
    """

    @wraps(main)
    def guarded(**values: str) -> None:
        parts = [Path(main.__code__.co_filename).stem, *values.values(), worker()]
        with single_instance("@".join(part for part in parts if part)):
            with refuse_changes():
                finish = main(**values)
            if callable(finish):
                finish()

    run(guarded, *arguments)
