"""Check the whole of `params.yaml`: silent, or a line per fault and exit code 2.

A stage checks the sections that it reads; `make repro` and CI check all of them before the first
stage runs. So are the names of files in `data/raw`: DVC, which hashes them before any stage, does
not say which one it cannot encode. Run: `python -m tools.validate_params`.
"""

from fashion import cli
from fashion.config.params import Params
from fashion.listing import check_utf8


def main(raw: str = "data/raw") -> None:
    """Load every section of `params.yaml`, and list the folder `raw`."""
    Params.load()
    check_utf8(raw)


if __name__ == "__main__":
    cli.run(main)
