"""Reads and checks `params.yaml`; reports one line for each fault.

The file is YAML 1.2, as in DVC, so `1e-3` is a number.
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

_loaded: dict[tuple[str, str], object] = {}  # the values that this process read, by file and key


class ParamsError(FashionError):
    """Faults in `params.yaml`."""

    exit_code = 2


def read(path: str | Path) -> dict[str, Any]:
    """The mapping in the YAML file `path`; raises `ParamsError` if there is none."""
    try:
        document = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ParamsError(f"{path}: cannot be read: {reason}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        reason, _, _ = str(error).partition("To suppress this check")  # advice for programmers
        raise ParamsError(f"{path}: not valid YAML: {' '.join(reason.split())}") from error
    if not isinstance(document, dict):
        raise ParamsError(f"{path}: expected sections, found an empty file or a single value")
    return document


def record_read(path: str | Path, key: str, value: object) -> None:
    """Record that this process has read `value` at the dotted `key` of the file `path`."""
    _loaded[str(path), key] = value


def check(schema: type[Checked], value: object, path: str | Path, key: str = "") -> Checked:
    """Validate `value`, which is at `key` of the file `path`.

    Raises `ParamsError` with a line for each fault.
    """
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        lines = [_describe(path, key, value, fault) for fault in _causes(error.errors())]
        raise ParamsError("\n".join(lines)) from None


def assign(document: dict[str, Any], name: str, value: object) -> None:
    """Set `value` at the dotted `name` of `document`, and create missing sections.

    Raises `ValueError` if a prefix of `name` is a value, not a section.
    """
    *sections, last = name.split(".")
    for section in sections:
        document = document.setdefault(section, {})
        if not isinstance(document, dict):
            raise ValueError(f"{section} in {name} is not a section")  # noqa: TRY004  for pydantic
    document[last] = value


def sections_loaded() -> Iterator[tuple[str, bool]]:
    """Yield the key of each value that this process has read, and whether it is unchanged."""
    for (path, key), before in _loaded.items():
        now: Any = read(path)
        for part in key.split("."):
            now = now.get(part) if isinstance(now, dict) else None
        yield key, now == before


def _causes(faults: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Drop "too short" faults of lists that are caused by a fault of one of their items."""
    locations = [fault["loc"] for fault in faults]
    for fault in faults:
        depth = len(fault["loc"])
        has_children = any(len(loc) > depth and loc[:depth] == fault["loc"] for loc in locations)
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
    """The dotted key of pydantic's `location`, without the names of union members in it."""
    parts = []
    for depth, part in enumerate(location, start=1):
        known = isinstance(value, dict) and part in value
        if known or (isinstance(value, list) and part in range(len(value))):
            value = value[part]  # type: ignore[index]
        elif depth < len(location) or part == "[key]":
            continue
        parts.append(str(part))
    return ".".join(parts)
