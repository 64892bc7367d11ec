"""Markdown shows a name as it is, whatever characters it has."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tools.markdown import BLANKS, aligned, link, plain, table

NAMES = [
    "007", "1e5", "1_000", "True", "null", "NaN", "-", "2024-01-01", "=1+1", "a|b", "a\\|b", "\\",
    "<b>x</b>", "<!-- x", "&lt;", "``x`", "*x*", "__x__", "~~x~~", "![x](y)", "$x$", "# x", "x #",
    "- x", "1. x", "> x", "---", "===", "a\r\n\nb", "a\u2028b", "a\x00b", "a\\\nb", "{0}", " a ",
    "https://a.org/_x_", "مرحبا", "\u202eabc", "x" * 300,
]  # fmt: skip
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered_texts(markup):
    """The texts of rendered Markdown; fails if a name became an element."""
    rendered = PARSER.render(markup)
    assert not re.search(r"<(?!/?(p|h1|h2|table|thead|tbody|tr|th|td)\b)", rendered), rendered
    return [html.unescape(one).strip() for one in re.split(r"<[^>]*>", rendered) if one.strip()]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is(name):
    check(name)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_is_shown_as_it_is(name):
    check(name)


def check(name):
    """In a heading, in a paragraph, in the cell of a table and as the text of a link."""
    markup, text = plain(name), BLANKS.sub(" ", name).strip()
    assert rendered_texts(f"## x {markup}\n") == [f"x {text}".strip()]
    assert rendered_texts(f"{markup}, x {markup}.\n") == [f"{text}, x {text}."]
    rows = [{"class": name, "next": 0.5}]
    template = f"| class | next |\n|---|---|\n| {markup} | 0.5 |\n"
    for cells in (table(rows, names=["class"]), aligned(template)):
        assert [cell for cell in rendered_texts(cells) if cell != text][:2] == ["class", "next"]
        assert rendered_texts(cells)[2:-1] == [text] * bool(text)
    if text:
        linked = PARSER.renderInline(link(markup, "u"))
        assert html.unescape(linked) == f'<a href="u">{text}</a>'
