"""Write what a search found best into `params.yaml`, with comments and all else as they were.

In: `reports/tune/best.yaml`, and `searched.yaml` beside it. Out: `params.yaml`.
Run: `make apply-best`.
"""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeGuard

from ruamel.yaml import YAML

from fashion import cli
from fashion.config.loader import ParamsError, check, read
from fashion.config.params import Params
from fashion.config.section import PARAMS_FILE
from fashion.io.files import write_text

BEST = "reports/tune/best.yaml"
NOTICE = (
    "reports/experiments.md tells how these settings compare with those in params.yaml; "
    "`git diff params.yaml` shows, `git checkout params.yaml` undoes"
)
NOT_SEARCHED = "fit.epochs"  # of a trial: `tune.algorithm.epochs`


PASSES = 2  # the second finds the numbers that `<<: *NAME` takes from what the first has changed


def main(best: str = BEST, params_file: str = PARAMS_FILE) -> None:
    """Write the values in `best` into `params_file`, and print which changed.

    Raises `ParamsError`, and writes nothing, if they were found with other settings, or if the
    result would not be what the pipeline takes.
    """
    check_searched(best, Params.load(params_file), params_file)
    wanted = _plain(read(params_file))
    changes = list(merge(wanted, read(best)))
    check(Params, wanted, best)
    print(NOTICE)
    print("\n".join(changes) or f"{params_file} has the values of {best} already")
    if changes:
        text = Path(params_file).read_text(encoding="utf-8")
        write_text(params_file, _updated(text, wanted, params_file))


def check_searched(best: str, params: Params, params_file: str = PARAMS_FILE) -> None:
    """Raise `ParamsError` if `params` differ from what was searched, but for the searched values.

    What was searched is told by `searched.yaml` beside `best`; where it does not tell, that is
    printed.
    """
    path = Path(best).with_name("searched.yaml")
    searched = read(path) if path.exists() else {"models": {}}
    for network in read(best)["models"].keys() & params.models.keys():
        if network not in searched["models"]:
            print(f"{path}: does not tell with which settings of models.{network} {best} was found")
            continue
        free = tuple(f".{name}." for name in (NOT_SEARCHED, *searched["tune"]["space"]))
        now = params.models[network].model_dump(mode="json", exclude={"tta"})
        lines = [
            f"{params_file}: models.{network}{name}: expected {json.dumps(then)}, with which "
            f"{best} was found; received {json.dumps(value)}"
            for name, then, value in _differences(searched["models"][network], now)
            if not f"{name}.".startswith(free)
        ]
        if lines:
            advice = f"search with these settings by `make tune`, or take those of {path}"
            raise ParamsError("\n".join([*lines, f"{advice}; then run `make apply-best`"]))


def merge(
    into: MutableMapping[str, Any], patch: Mapping[str, Any], prefix: str = ""
) -> Iterator[str]:
    """Put every value of `patch` in its place, and yield a line for each change.

    A mapping of another `kind` replaces the one that was there.
    """
    for key, value in patch.items():
        before = into.get(key)
        if _same_kind(before, value):
            yield from merge(before, value, f"{prefix}{key}.")
        elif before != value:
            yield f"{prefix}{key}: {before} -> {value}"
            into[key] = value


def _updated(text: str, wanted: Mapping[str, Any], params_file: str) -> str:
    """`text` with the values in `wanted`; raises `ParamsError` if its aliases do not allow that."""
    for _ in range(PASSES):
        yaml, stream = YAML(), StringIO()  # in the style in which DVC writes the file, too
        document = yaml.load(text)
        _update(document, wanted, set())
        yaml.dump(document, stream)
        text = stream.getvalue()
        if YAML(typ="safe", pure=True).load(text) == wanted:
            return text
    raise ParamsError(
        f"{params_file}: its aliases (`*NAME`) do not let one network change alone; write out the "
        "values for which they stand, then run `make apply-best`"
    )


def _update(document: Any, wanted: Mapping[str, Any], seen: set[int]) -> None:
    """Make `document` equal to `wanted`, with its comments, and aliases of what is still equal.

    Where a mapping or list stands for the first time, its values are changed. Where it stands again
    by an alias or a merge key and should have other values, a copy without comments replaces it.
    """
    for key, value in wanted.items():
        before = document.get(key)
        is_first = id(before) not in seen
        seen.add(id(before))
        if is_first and isinstance(before, dict) and set(before) == set(value):
            _update(before, value, seen)
        elif is_first and isinstance(before, list) and isinstance(value, list):
            if before != value:
                before[:] = value  # stays on one line
        elif before != value:
            document[key] = _plain(value)


def _plain(node: Any) -> Any:
    """`node` without anything that stands at two places in it."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node


def _differences(then: Any, now: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The dotted name, with a dot before it, and both values of each that differs; None: none."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then | now:
            yield from _differences(then.get(key), now.get(key), f"{name}.{key}")
    elif then != now:
        yield name, then, now


def _same_kind(before: Any, value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether both are mappings, with equal `kind` if the new one has it."""
    both = isinstance(before, dict) and isinstance(value, dict)
    return both and value.get("kind", before.get("kind")) == before.get("kind")


if __name__ == "__main__":
    cli.run(main)
