"""Markdown as GitHub shows it: tables, links, and names in which nothing is markup.

Names of classes, data and files come from users: whatever goes into a Markdown page passes `plain`.
Source: github.github.com/gfm, "Backslash escapes", "Tables", "Links".
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tabulate import tabulate

BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")  # with line ends and control characters
MARKUP = re.compile(r"([\\`*_\[\]<>|~&$#:])")  # `$` opens a formula, `:` an emoji
LIST_ITEM = re.compile(r"^(\d*)([-+.)])(?=\s|$)")
IN_LINKS = "%/?#@!$&'*+,;=~:[]"


def plain(text: str) -> str:
    r"""`text` on one line, so that Markdown shows it as it is, in tables and headings, too.

    >>> plain("a|b *c*")
    'a\\|b \\*c\\*'
    """
    escaped = MARKUP.sub(r"\\\1", BLANKS.sub(" ", text).strip())
    return LIST_ITEM.sub(r"\1\\\2", escaped)


def link(text: str, address: str) -> str:
    """A link to `address`, a URL or the path of a file; `text` is already Markdown.

    >>> link("Parentheses", "https://a.org/b_(c)")
    '[Parentheses](https://a.org/b_%28c%29)'
    """
    return f"[{text}]({quote(address, safe=IN_LINKS).replace('&', '&amp;')})"


def table(rows: Sequence[dict[str, Any]], style: str = "github", text: Sequence[str] = ()) -> str:
    """`rows` as a table, in a format of `tabulate`; floats have three digits.

    Texts that look like numbers stay as they are: of all columns, or of those named in `text` where
    others hold numbers to align.
    """
    texts = [column for column, name in enumerate(rows[0]) if name in text] if rows else []
    return tabulate(rows, "keys", style, floatfmt=".3f", disable_numparse=texts or True)
