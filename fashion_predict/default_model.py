"""Find the model to use in a checkout when none is named: the one trained on the project's data.

The data are identified by `data.name` in `params.yaml`. The predictor has no YAML reader, so it
reads that line only. If the name is written in another way (an alias, several lines), it is not
found, and you must name a model.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

PREFERRED = "cnn.onnx"
NAME = re.compile(
    r"""^data:[ \t]*(?:\#.*)?\n                # the section
        (?:(?:[ \t#].*)?\n)*?                  # other keys of it, comments, empty lines
        [ \t]+name:[ \t]+
        (?:"([^"\\\n]*)"|'([^'\n]*)'|([^\s"'].*?))
        [ \t]*(?:[ \t]\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)


class ModelError(Exception):
    """A model that is missing, or a file that is not an exported network of this project."""


class HasDataset(Protocol):
    """A model that knows the name and the classes of its training data."""

    dataset: str
    classes: list[str]


Model = TypeVar("Model", bound=HasDataset)


def find_default(load: Callable[[Path], Model], project: Path) -> Model:
    """Load the model in `project`/models that was trained on the project's own data.

    `models/cnn.onnx` takes precedence; any other model must be the only one.

    Raises `ModelError`, which lists the models and their datasets, if there is none or more than
    one.
    """
    name, classes = dataset_name(project), processed_classes(project)
    preferred = project / "models" / PREFERRED
    paths = sorted(preferred.parent.glob("*.onnx"), key=lambda path: (path != preferred, path))
    datasets: dict[Path, str] = {}
    candidates: list[Model] = []
    for path in paths:
        try:
            model = load(path)
        except ModelError:  # an ONNX file of another project
            continue
        has_other_classes = classes is not None and model.classes != classes
        datasets[path] = model.dataset + (" with other classes" if has_other_classes else "")
        if datasets[path] == name:
            candidates.append(model)
            if path == preferred:
                break
    if len(candidates) != 1:
        raise ModelError(_advice(datasets, name, is_ambiguous=bool(candidates)))
    return candidates[0]


def dataset_name(project: Path) -> str | None:
    """Read `data.name` from `params.yaml`; None if it is not found."""
    try:
        text = (project / "params.yaml").read_text("utf-8-sig")
    except (OSError, ValueError):
        return None
    line = NAME.search(text)
    return line and next(value for value in line.groups() if value is not None)


def processed_classes(project: Path) -> list[str] | None:
    """Read the class names of `data/processed`, to tell datasets of the same name apart.

    None if there is no such file.
    """
    try:
        text = (project / "data/processed/classes.json").read_text("utf-8")
        return json.loads(text)["classes"]
    except (OSError, ValueError):
        return None


def _advice(datasets: Mapping[Path, str], name: str | None, *, is_ambiguous: bool) -> str:
    models = ", ".join(f"{os.path.relpath(path)} ({dataset})" for path, dataset in datasets.items())
    return (
        "models/: expected one model of this project's data "
        f"({name or 'data.name was not found in params.yaml'}), found "
        f"{'several' if is_ambiguous else 'none'} among: {models or 'no models'}; choose one with "
        "--model FILE (in Python: Classifier.load(FILE))"
    ) + ("" if is_ambiguous else ", or train one with `make repro`")
