"""Check the whole of `params.yaml`: silent, or a line per fault and exit code 2.

A stage checks the sections that it reads; `make repro` and CI check all of them before the first
stage runs. Run: `python -m tools.check`.
"""

from fashion import cli
from fashion.params.whole import Params


def main() -> None:
    """Load every section of `params.yaml`."""
    Params.load()


if __name__ == "__main__":
    cli.run(main)
