"""Markdown as GitHub shows it: templates, tables, links, and escaped names.

The text of reports and model cards is in `tools/templates/`. Names of classes, data and files come
from users, so they are escaped by `plain`, or are in the columns `names` of a table.
Source: github.github.com/gfm, "Backslash escapes", "Tables", "Links".
"""

import io
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from ruamel.yaml import YAML
from tabulate import tabulate

BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")  # with line ends and control characters
MARKUP = re.compile(r"([\\`*_\[\]<>|~&$#:])")  # `$` opens a formula, `:` an emoji
LIST_ITEM = re.compile(r"^(\d*)([-+.)])(?=\s|$)")
CELL_END = re.compile(r"(?<!\\)\|")
IN_LINKS = "%/?#@!$&'*+,;=~:[]"


def plain(text: str) -> str:
    r"""`text` on one line, escaped so that Markdown shows it as it is, even in a table or heading.

    >>> plain("a|b *c*")
    'a\\|b \\*c\\*'
    """
    escaped = MARKUP.sub(r"\\\1", BLANKS.sub(" ", text).strip())
    return LIST_ITEM.sub(r"\1\\\2", escaped)


def link(text: str, address: object) -> str:
    """A link with the Markdown `text` to `address`, a URL or path; only `text` if that is None.

    >>> link("Parentheses", "https://a.org/b_(c)")
    '[Parentheses](https://a.org/b_%28c%29)'
    """
    if address is None:
        return text
    return f"[{text}]({quote(str(address), safe=IN_LINKS).replace('&', '&amp;')})"


def table(rows: Sequence[dict[str, Any]], style: str = "github", names: Sequence[str] = ()) -> str:
    """`rows` as a table in a format of `tabulate`; floats have three decimals.

    Text is Markdown, except in the columns `names`, where it is escaped.
    """
    columns = dict.fromkeys(name for row in rows for name in row)  # in the order of the table
    texts = {name for row in rows for name, value in row.items() if isinstance(value, str)}
    text_columns = [index for index, name in enumerate(columns) if name in texts]
    escaped = [row | {name: plain(row[name]) for name in names} for row in rows]
    return tabulate(escaped, "keys", style, floatfmt=".3f", disable_numparse=text_columns)


def aligned(markup: str) -> str:
    """A Markdown table with its columns aligned."""
    lines = ([cell.strip() for cell in CELL_END.split(line)[1:-1]] for line in markup.splitlines())
    header, _, *rows = lines
    return tabulate(rows, header, "github", disable_numparse=True)


def yaml(value: Any) -> str:
    """`value` as YAML 1.1, which the Hugging Face Hub reads: it quotes the text `no`."""
    writer, stream = YAML(), io.StringIO()
    writer.version = (1, 1)
    writer.width = 200
    writer.dump(value, stream)
    return stream.getvalue().partition("---\n")[2].rstrip()


ENVIRONMENT = Environment(
    loader=PackageLoader("tools"),
    autoescape=False,  # noqa: S701 - escaping is for HTML; `plain` escapes Markdown
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
FILTERS = {f.__name__: f for f in (aligned, link, plain, table, yaml)}
ENVIRONMENT.filters |= FILTERS | {"number": format}


def render(template: str, **values: Any) -> str:
    """Fill in a file of `tools/templates/`; raises `UndefinedError` if a value is missing."""
    return ENVIRONMENT.get_template(template).render(values)
