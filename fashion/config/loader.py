"""YAML in, checked sections out, faults as one line each.

YAML 1.2 rules (as DVC reads it), so `1e-3` is a number.
"""

import reprlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from fashion.errors import FashionError

Checked = TypeVar("Checked", bound=BaseModel)
SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 60
SHORT.maxlevel = SHORT.maxlist = SHORT.maxdict = 3

_loaded: dict[tuple[str, str], object] = {}  # what this process read, by file and key


class ParamsError(FashionError):
    """`params.yaml` is not what the pipeline understands."""

    exit_code = 2


def read(path: str | Path) -> dict[str, Any]:
    """The sections of the file `path`, unchecked; raises `ParamsError` if it has none."""
    try:
        document = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ParamsError(f"{path}: cannot be read: {reason}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        reason, _, _ = str(error).partition("To suppress this check")  # which is not the cure
        raise ParamsError(f"{path}: is not YAML: {' '.join(reason.split())}") from error
    if not isinstance(document, dict):
        raise ParamsError(f"{path}: expected sections, received an empty file or a bare value")
    return document


def record_read(path: str | Path, key: str, value: object) -> None:
    """Keep that this process has read `value` at `key` of the file `path`."""
    _loaded[str(path), key] = value


def check(schema: type[Checked], value: object, path: str | Path, key: str = "") -> Checked:
    """`value` in the form of `schema`; a `ParamsError` names each fault below `key` of `path`."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        lines = [_describe(path, key, value, fault) for fault in _causes(error.errors())]
        raise ParamsError("\n".join(lines)) from None


def assign(document: dict[str, Any], name: str, value: object) -> None:
    """Put `value` at the dotted `name` of `document`; a section that is missing is made.

    Raises `ValueError` where `name` leads through something that is no section.
    """
    *sections, last = name.split(".")
    for section in sections:
        document = document.setdefault(section, {})
        if not isinstance(document, dict):
            raise ValueError(f"{section} in {name} is no section")  # noqa: TRY004  pydantic takes it
    document[last] = value


def sections_loaded() -> Iterator[tuple[str, bool]]:
    """The key of each section that this process has read, and whether it still is what it was."""
    for (path, key), before in _loaded.items():
        now: Any = read(path)
        for part in key.split("."):
            now = now.get(part) if isinstance(now, dict) else None
        yield key, now == before


def _causes(faults: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The faults but for lists said to be too short because of a fault in one of their items."""
    places = [fault["loc"] for fault in faults]
    for fault in faults:
        place = fault["loc"]
        has_children = any(len(p) > len(place) and p[: len(place)] == place for p in places)
        if not (fault["type"] == "too_short" and has_children):
            yield fault


def _describe(path: str | Path, key: str, value: object, fault: ErrorDetails) -> str:
    name = ".".join(part for part in (key, _dotted(value, fault["loc"])) if part)
    if fault["type"] == "extra_forbidden":
        return f"{path}: {name}: unknown key; remove it or correct its spelling"
    if fault["type"] == "missing":
        return f"{path}: {name}: required key is missing"
    expected = fault["msg"].removeprefix("Value error, ")
    expected = expected.replace("tuple", "list").replace("Tuple", "List")
    if not name:
        return f"{path}: {expected}"
    return f"{path}: {name}: {expected}; received {SHORT.repr(fault['input'])}"


def _dotted(value: object, location: Sequence[int | str]) -> str:
    """The dotted key of pydantic's `location`, without the union members it puts in between."""
    parts = []
    for depth, part in enumerate(location, start=1):
        known = isinstance(value, dict) and part in value
        if known or (isinstance(value, list) and part in range(len(value))):
            value = value[part]  # type: ignore[index]
        elif depth < len(location) or part == "[key]":
            continue
        parts.append(str(part))
    return ".".join(parts)
