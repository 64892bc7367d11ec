"""The types of `page/scripts/types.d.ts` as schemas: what scripts expect, to hold data to."""

import re
from functools import reduce
from operator import or_
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, create_model

from tests.conftest import ROOT

FILE = "page/scripts/types.d.ts"
SIMPLE = {"boolean": bool, "number": float, "string": str, "null": None}
STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def check(text, interface):
    """Raise `ValidationError` unless the JSON `text` has the keys and types of `interface`."""
    TypeAdapter(schema(interface, interfaces())).validate_json(text)


def interfaces():
    """The body of each interface, by its name."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", (ROOT / FILE).read_text("utf-8"), flags=re.DOTALL)
    return dict(re.findall(r"interface (\w+) (\{.*?\n\})", text, re.DOTALL))


def schema(kind: str, known) -> Any:
    """The Python type that stands for the type `kind`."""
    parts = split(kind, "|")
    if len(parts) > 1:
        return reduce(or_, (schema(part, known) for part in parts))
    (kind,) = parts
    if kind.endswith("[]"):
        return list[schema(kind[:-2], known)]
    if record := re.fullmatch(r"Record<string, (.*)>", kind, re.DOTALL):
        return dict[str, schema(record[1], known)]
    if kind.startswith("{"):
        keys = (part.split(":", 1) for part in split(kind[1:-1], ";"))
        fields = {key.strip(): (schema(value, known), ...) for key, value in keys}
        return create_model(kind, __config__=STRICT, **fields)
    if kind in known:
        return schema(known[kind], known)
    return SIMPLE[kind] if kind in SIMPLE else Literal[kind.strip('"')]


def split(text, separator):
    """The parts of `text` between `separator`, but for those in brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += {"{": 1, "<": 1, "}": -1, ">": -1}.get(character, 0)
        if character == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]
