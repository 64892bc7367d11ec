"""Champion: train, evaluate, export and plot the networks under `champions` in `params.yaml`.

Their stages are copied from `dvc.yaml` to `champion/dvc.yaml` while this command runs. At other
times DVC does not know them, so that `dvc checkout` and `dvc status` do not ask for models that
take an hour or two to train. `champion/dvc.lock`, which is in Git, records the results. Run:
`python -m tools.champion`, or `python -m tools.champion dry` to see what would run.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import write_yaml

ACTIONS = ("run", "dry")
PIPELINE = "champion/dvc.yaml"


class ChampionError(FashionError):
    """An unknown action, or no network to train."""


def main(action: str = "run") -> None:
    """Run `dvc repro` on the stages of champions, or with `dry` show which would run."""
    if action not in ACTIONS:
        raise ChampionError(f"expected one of {', '.join(ACTIONS)}; received {action}")
    if not Params.load().champions:  # without stages DVC would run the whole pipeline
        raise ChampionError("params.yaml: expected a network under champions, found none")
    with champion_pipeline() as pipeline:
        command = ["dvc", "repro", *(["--dry"] if action == "dry" else []), pipeline]
        done = subprocess.run(command, check=False)
    if done.returncode:
        sys.exit(done.returncode)


@contextmanager
def champion_pipeline(root: Path = Path()) -> Iterator[str]:
    """Write `champion/dvc.yaml` of the project `root`, yield its path, and remove it at the end."""
    document = YAML(typ="safe").load(root / "dvc.yaml")
    write_yaml(root / PIPELINE, champion_stages(document["stages"]))
    try:
        yield PIPELINE
    finally:
        (root / PIPELINE).unlink()


def champion_stages(stages: dict[str, Any]) -> dict[str, Any]:
    """A `dvc.yaml` with the `stages` that run per network, applied to `champions`, not `models`."""
    per_network = {name: stage for name, stage in stages.items() if "foreach" in stage}
    text = json.dumps(per_network)
    text = text.replace("${models}", "${champions}").replace("models.$", "champions.$")
    champions = json.loads(text)
    for stage in champions.values():
        stage["do"]["wdir"] = ".."
    return {"vars": ["../params.yaml"], "stages": champions}


if __name__ == "__main__":
    cli.run(main, "action")
