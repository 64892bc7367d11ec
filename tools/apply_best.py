"""Write the best settings of a search into `params.yaml`; comments and everything else stay.

In: `reports/tune/best.yaml`, and `searched.yaml` beside it. Out: `params.yaml`.
Run: `make apply-best`.
"""

import io
import json
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fashion import cli
from fashion.config.loader import ParamsError, check, read
from fashion.config.params import Params
from fashion.config.section import PARAMS_FILE
from fashion.io.files import write_text

BEST = "reports/tune/best.yaml"
NOTICE = (
    "reports/experiments.md compares these settings with those in params.yaml; see the changes "
    "with `git diff params.yaml`, undo them with `git checkout params.yaml`"
)


def main(best: str = BEST, params_file: str = PARAMS_FILE) -> None:
    """Write the values in `best` into `params_file`, and print each change.

    Raises `ParamsError`, and writes nothing, if the values were found with other settings, if the
    result is not valid, or if an alias in `params_file` would also change another network.
    """
    patch, before = read(best), read(params_file)
    check_searched(best, patch, Params.load(params_file), params_file)
    yaml, text = YAML(), io.StringIO()  # the style in which DVC writes this file
    document = yaml.load(Path(params_file).read_text("utf-8"))
    changes = list(merge(document, patch))
    yaml.dump(document, text)
    after = YAML(typ="safe", pure=True).load(text.getvalue())
    check(Params, after, best)
    expected = json.loads(json.dumps(before))  # a copy without shared values
    list(merge(expected, patch))
    if after != expected:
        raise ParamsError(
            f"{params_file}: its aliases (`*NAME`) do not let one network change alone; write out "
            "the values for which they stand, then run `make apply-best`"
        )
    print(NOTICE)
    print("\n".join(changes) or f"{params_file} already has the values of {best}")
    if changes:
        write_text(params_file, text.getvalue())


def check_searched(best: str, patch: Mapping[str, Any], params: Params, params_file: str) -> None:
    """Raise `ParamsError` if settings that were not searched have changed since the search.

    `searched.yaml` beside `best` holds the settings of the search. If it lacks the network, a
    warning is printed instead.
    """
    path = Path(best).with_name("searched.yaml")
    searched = read(path) if path.exists() else {"models": {}}
    for network in patch["models"].keys() & params.models.keys():
        if network not in searched["models"]:
            print(f"{path}: the settings of models.{network} during the search are not known")
            continue
        # the epochs of a trial are `tune.algorithm.epochs`; instructions only change last bits
        settings = ("fit.epochs", "fit.instructions", *searched["tune"]["space"])
        may_differ = tuple(f"{name}." for name in settings)
        then = dict(flatten(searched["models"][network]))
        now = dict(flatten(params.models[network].model_dump(mode="json", exclude={"tta"})))
        lines = [
            f"{params_file}: models.{network}.{name}: expected {json.dumps(then.get(name))}, with "
            f"which {best} was found; received {json.dumps(now.get(name))}"
            for name in then | now
            if then.get(name) != now.get(name) and not f"{name}.".startswith(may_differ)
        ]
        if lines:
            advice = f"search with these settings by `make tune`, or take those of {path}"
            raise ParamsError("\n".join([*lines, f"{advice}; then run `make apply-best`"]))


def merge(
    target: MutableMapping[str, Any], patch: Mapping[str, Any], prefix: str = ""
) -> Iterator[str]:
    """Set every value of `patch` in `target`, and yield a line for each change.

    A mapping with another `kind` replaces the old one; other mappings are merged.
    """
    for key, value in patch.items():
        before = target.get(key)
        if (
            isinstance(before, MutableMapping)
            and isinstance(value, Mapping)
            and value.get("kind", before.get("kind")) == before.get("kind")
        ):
            yield from merge(before, value, f"{prefix}{key}.")
        elif before != value:
            yield f"{prefix}{key}: {before} -> {value}"
            target[key] = value


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted name and the value of each leaf of `tree`."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


if __name__ == "__main__":
    cli.run(main)
