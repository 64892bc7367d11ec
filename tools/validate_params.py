"""Check all of `params.yaml`: print nothing, or a line per fault and exit with code 2.

A stage checks only the sections that it reads; `make repro` checks all of them before the first
stage runs. It also checks that the backbones exist, and the file names in `data/raw`, since DVC
hashes these files before any stage and does not say which name it cannot encode.
Run: `python -m tools.validate_params`.
"""

from pathlib import Path

from fashion import cli
from fashion.config.loader import ParamsError
from fashion.config.params import Params
from fashion.listing import check_utf8


def main(raw: str = "data/raw") -> None:
    """Check every section of `params.yaml`, its backbones, and the file names in `raw`."""
    for name, model in Params.load().models.items():
        path = getattr(model.network, "backbone", None)
        if path and not Path(path).exists():
            raise ParamsError(
                f"params.yaml: models.{name}.network.backbone: {path} is missing; copy it there or "
                f"run `dvc pull {path}`"
            )
    check_utf8(raw)


if __name__ == "__main__":
    cli.run(main)
