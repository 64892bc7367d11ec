"""The command line of a stage: arguments in, errors out as one line."""

import argparse
import sys
from collections.abc import Callable

from fashion.errors import FashionError


def run(main: Callable[..., object], *arguments: str) -> None:
    """Call `main` with the named command-line `arguments`, as `python -m stages.NAME` does.

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
    except OSError as error:
        print(f"the system refused: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted; run the same command again to start over", file=sys.stderr)
        sys.exit(130)
