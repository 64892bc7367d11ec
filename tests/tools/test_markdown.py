"""Markdown shows a name as it is, whatever characters it has."""

import html
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tools.markdown import BLANKS, ENVIRONMENT, aligned, link, plain, table, yaml

NAMES = [
    "007", "1e5", "36.5", "38", "1_000", "\uff11", "True", "null", "NaN", "inf", "NA", "None", "-",
    "2024-01-01", "+1", "=1+1", "a|b", "a\\|b", "\\", "<b>x</b>", "<!-- x", "&lt;", "`", "``x`",
    "*x*", "_x_", "__x__", "~~x~~", "[x](y)", "![x](y)", "[x]", "$x$", ":smile:", "# x", "x #",
    "- x", "+ x", "1. x", "2024) x", "> x", "---", "===", "a\nb", "a\r\n\nb", "a\tb", "a\u2028b",
    "a\x00b", "a\\\nb", "https://a.org/_x_", "{x}", "%s", "{0}", "مرحبا", "\u202eabc", "x" * 300,
    " a ", "Ü_ö_ß",
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


def test_a_column_of_text_is_not_formatted_as_numbers():
    rows = [{"class": "007", "f1": 0.5}, {"class": "1e5", "f1": 0.25}]
    assert table(rows).splitlines()[2:] == ["| 007     | 0.500 |", "| 1e5     | 0.250 |"]
    assert table([]) == ""


@pytest.mark.parametrize(
    "address",
    ["https://a.org/b_(c)", "a b.png", "https://a.org/?a=1&lt;=2", "a)b|c\\d<e>.png", "%20"],
)
def test_a_link_leads_to_its_address(address):
    opening, *_ = PARSER.parseInline(link("x", address))[0].children
    assert unquote(opening.attrs["href"]) == unquote(address)
    cells = PARSER.render(f"| a | b |\n|---|---|\n| {link('x', address)} | y |\n")
    assert cells.count("<td>") == 2


def test_a_table_of_a_template_is_aligned_and_has_no_numbers():
    assert aligned("| name | value |\n|---|---|\n| 007 | 1.50 |\n| 1e5 | |\n").splitlines() == [
        "| name   | value   |",
        "|--------|---------|",
        "| 007    | 1.50    |",
        "| 1e5    |         |",
    ]


def test_yaml_quotes_text_that_yaml_1_1_would_not_read_as_text():
    assert yaml({"name": "no", "time": "12:30", "tags": ["keras"], "count": 3}) == (
        "name: 'no'\ntime: '12:30'\ntags:\n- keras\ncount: 3"
    )


def test_statements_of_templates_leave_no_lines():
    template = ENVIRONMENT.from_string("a\n  {% if true %}\n<b>{{ x }}\n  {% endif %}\n")
    assert template.render(x="<c>") == "a\n<b><c>\n"
