"""Write what a search found best into `params.yaml`, with comments and all else as they were.

In: `reports/tune/best.yaml`. Out: `params.yaml`. Run: `make apply-best`.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeGuard

from ruamel.yaml import YAML

from fashion import cli
from fashion.files import write_text
from fashion.params.loading import check, read
from fashion.params.section import PARAMS_FILE
from fashion.params.whole import Params

BEST = "reports/tune/best.yaml"
NOTICE = (
    "reports/experiments.md tells how these settings compare with those in params.yaml; "
    "`git diff params.yaml` shows, `git checkout params.yaml` undoes"
)


def main(best: str = BEST, params_file: str = PARAMS_FILE) -> None:
    """Write the values in `best` into `params_file`, and print which changed.

    Raises `ParamsError`, and writes nothing, if the result would not be what the pipeline takes.
    """
    Params.load(params_file)
    yaml = YAML()  # in the style in which DVC writes the file, too
    document = yaml.load(Path(params_file).read_text(encoding="utf-8"))
    changes = list(merge(document, read(best)))
    text = StringIO()
    yaml.dump(document, text)
    check(Params, YAML(typ="safe", pure=True).load(text.getvalue()), best)
    print(NOTICE)
    print("\n".join(changes) or f"{params_file} has the values of {best} already")
    if changes:
        write_text(params_file, text.getvalue())


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
            if isinstance(before, list) and isinstance(value, list):
                before[:] = value  # stays on one line
            else:
                into[key] = value


def _same_kind(before: Any, value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether both are mappings, with equal `kind` if the new one has it."""
    both = isinstance(before, dict) and isinstance(value, dict)
    return both and value.get("kind", before.get("kind")) == before.get("kind")


if __name__ == "__main__":
    cli.run(main)
