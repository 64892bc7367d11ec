"""Apply best: what a search found best, written into `params.yaml`. Not a stage of `dvc.yaml`.

In: `reports/tune/best.yaml`. Out: `params.yaml` with these values in place of its own, comments
and all else as they were. Run: `make apply-best`.
"""

from collections.abc import MutableMapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fashion import command
from fashion.artifacts import read_yaml, write_text
from fashion.params import check_params, load_params


def main(best: str = "reports/tune/best.yaml", params_file: str = "params.yaml") -> None:
    """Write the values in `best` into `params_file`, and say which changed."""
    load_params(params_file)
    round_trip = YAML(typ="rt")
    round_trip.width = 1000  # no line is broken
    round_trip.indent(mapping=2, sequence=4, offset=2)
    document = round_trip.load(Path(params_file).read_text("utf-8"))
    changed = merge(document, read_yaml(best))
    check_params(document, best)
    text = StringIO()
    round_trip.dump(document, text)
    if changed:
        write_text(params_file, text.getvalue())
    print("\n".join(changed) or f"{params_file} has the values of {best} already")


def merge(
    into: MutableMapping[str, Any], patch: MutableMapping[str, Any], at: str = ""
) -> list[str]:
    """Put every value of `patch` in its place, and tell each change as a line.

    A mapping that says another `kind` takes the place of the one that was there.
    """
    changed = []
    for key, value in patch.items():
        before = into.get(key)
        if isinstance(value, dict) and before is not None and same_kind(before, value):
            changed += merge(before, value, f"{at}{key}.")
        elif before != value:
            changed.append(f"{at}{key}: {before} -> {value}")
            if isinstance(before, list):
                before[:] = value  # in the form that it is written in
            else:
                into[key] = value
    return changed


def same_kind(before: MutableMapping[str, Any], value: MutableMapping[str, Any]) -> bool:
    """Whether both mappings have the same keys in common with what they say they are."""
    return before.get("kind") == value.get("kind", before.get("kind"))


if __name__ == "__main__":
    command.run(main)
