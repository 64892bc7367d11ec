"""The command line of stages and tools: parses arguments and prints errors as one line."""

import argparse
import inspect
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from fashion import cluster
from fashion.code_version import refuse_changes
from fashion.errors import FashionError
from fashion.run_lock import single_instance

SECONDS = Path(".runs/seconds")  # a file for each stage, with the seconds of its last run


def run(main: Callable[..., object], *arguments: str, resumes_after: str = "") -> None:
    """Call `main` with the named command-line `arguments`, as `python -m PACKAGE.NAME` does.

    An argument is optional if `main` has a default for it. `resumes_after` names the unit of work
    after which an interrupted `main` resumes, such as "epoch"; without it, `main` starts over.

    Errors are printed on stderr without a traceback: a `FashionError` exits with its own code, an
    error of the operating system (such as a full disk) with 1, Ctrl-C with 130, as shells do.
    """
    parser = argparse.ArgumentParser(
        description=sys.modules[main.__module__].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
        file = f": {error.filename}" if error.filename else ""
        print(f"{error.strerror or error}{file}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        resume = f"; run it again to resume after the last complete {resumes_after}"
        print(f"interrupted{resume if resumes_after else ''}", file=sys.stderr)
        sys.exit(130)


def run_stage(
    main: Callable[..., object],
    *arguments: str,
    resumes_after: str = "",
    get_worker: Callable[[], str | None] = cluster.worker_name,
) -> None:
    """Run a stage with `run`, but not twice at a time, and fail if code or parameters change.

    If `main` returns a function, it is called after the check for changes. `get_worker` returns the
    name of this process in a cluster: workers with different names may run the stage at once.
    """

    @wraps(main)
    def run_once(**values: str) -> None:
        stage = "@".join([Path(main.__code__.co_filename).stem, *values.values()])
        with single_instance("@".join(filter(None, [stage, get_worker()]))):
            start = time.monotonic()
            with refuse_changes():
                finish = main(**values)
            if callable(finish):
                finish()
            SECONDS.mkdir(parents=True, exist_ok=True)
            (SECONDS / stage).write_text(f"{time.monotonic() - start:.1f}\n", "utf-8")

    run(run_once, *arguments, resumes_after=resumes_after)
