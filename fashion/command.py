"""The command line of a stage: arguments in, errors out as one line."""

import argparse
import sys
from collections.abc import Callable

from fashion.errors import FashionError


def run(main: Callable[..., None], *arguments: str) -> None:
    """Call `main` with the named command-line `arguments`, as `python -m stages.NAME` does.

    A `FashionError` is printed on stderr without a traceback and becomes the exit code; an
    interrupt exits with 130, as shells do.
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
    except KeyboardInterrupt:
        print(
            "interrupted; nothing unfinished was kept, run the same command again", file=sys.stderr
        )
        sys.exit(130)
