"""Which model predictions in a checkout where none is named: one of this project's data.

What the data are stands at `data.name` in `params.yaml`. Just that line is read, since the
predictor has no YAML reader: a name that is written in another way than on the line of its key, as
it is or in quotes, is not known, and then a model must be named.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_predict.images.errors import ModelError

if TYPE_CHECKING:
    from fashion_predict.classifier import Classifier

FIRST = "cnn.onnx"  # of several
NAME = re.compile(
    r"""^data:[ \t]*(?:\#.*)?\n                # the section
        (?:(?:[ \t#].*)?\n)*?                  # other keys of it, comments, empty lines
        [ \t]+name:[ \t]+
        (?:"([^"\\\n]*)"|'([^'\n]*)'|([^\s"'].*?))
        [ \t]*(?:[ \t]\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)


def choose(load: Callable[[Path], "Classifier"], project: Path) -> "Classifier":
    """`models/cnn.onnx` of the folder `project` if it is of its data, else the only one that is.

    Raises `ModelError` naming the models there are and their data if that leaves none or several.
    """
    name, classes = data_name(project), processed_classes(project)
    first = project / "models" / FIRST
    found: dict[Path, str] = {}
    own: list[Classifier] = []
    for path in sorted(first.parent.glob("*.onnx"), key=lambda path: (path != first, path)):
        try:
            model = load(path)
        except ModelError:  # another file; who names it is told what is wrong
            continue
        has_others = classes is not None and model.classes != classes
        found[path] = f"{model.data} with other classes" if has_others else model.data
        if found[path] == name:
            own.append(model)
            if path == first:
                break
    if len(own) != 1:
        raise ModelError(_advice(found, name, is_ambiguous=bool(own)))
    return own[0]


def data_name(project: Path) -> str | None:
    """`data.name` in `params.yaml`, None if it cannot be read there."""
    try:
        text = (project / "params.yaml").read_text("utf-8-sig")
    except (OSError, ValueError):
        return None
    line = NAME.search(text)
    return line and next(value for value in line.groups() if value is not None)


def processed_classes(project: Path) -> list[str] | None:
    """The classes of `data/processed`, None before it is made: other data may have its name."""
    try:
        text = (project / "data/processed/classes.json").read_text("utf-8")
        return json.loads(text)["classes"]
    except (OSError, ValueError):
        return None


def _advice(found: Mapping[Path, str], name: str | None, *, is_ambiguous: bool) -> str:
    whose = f"this project's data{f', {name}' if name else ' (data.name: not found)'}"
    there = ", ".join(f"{_shown(path)} ({data})" for path, data in found.items())
    return (
        f"models/ has {'several models' if is_ambiguous else 'no model'} of {whose}; it has "
        f"{there or 'none at all'}. Choose one with --model FILE (in Python Classifier.load(FILE))"
    ) + ("" if is_ambiguous else ", or train one with `make repro`")


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
