"""Check all of `params.yaml`: print nothing, or a line per fault and exit with code 2.

A stage checks only the sections that it reads; `make repro` checks all of them before the first
stage runs. It also checks the file names in `data/raw`, since DVC hashes these files before any
stage and does not say which name it cannot encode. Run: `python -m tools.validate_params`.
"""

from fashion import cli
from fashion.config.params import Params
from fashion.listing import check_utf8


def main(raw: str = "data/raw") -> None:
    """Check every section of `params.yaml`, and the file names in the folder `raw`."""
    Params.load()
    check_utf8(raw)


if __name__ == "__main__":
    cli.run(main)
