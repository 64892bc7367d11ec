"""What Markdown shows of a name is the name, also in tables."""

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


def shown(markup):
    """The text of rendered Markdown, blanks as browsers show them; no element is made of a name."""
    rendered = PARSER.render(markup)
    assert not re.search(r"<(?!/?(p|h1|h2|table|thead|tbody|tr|th|td)\b)", rendered), rendered
    return [html.unescape(one).strip() for one in re.split(r"<[^>]*>", rendered) if one.strip()]


def in_one_line(name):
    return BLANKS.sub(" ", name).strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is(name):
    check(name)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_is_shown_as_it_is(name):
    check(name)


def check(name):
    """In a heading, at the start of a paragraph and inside, in a cell and as the text of a link."""
    markup, text = plain(name), in_one_line(name)
    assert shown(f"## x {markup}\n") == [f"x {text}".strip()]
    assert shown(f"{markup}, x {markup}.\n") == [f"{text}, x {text}."]
    rows = [{"class": name, "next": 0.5}]
    written = f"| class | next |\n|---|---|\n| {markup} | 0.5 |\n"
    for cells in (table(rows, names=["class"]), aligned(written)):
        assert [one for one in shown(cells) if one != text][:2] == ["class", "next"]
        assert shown(cells)[2:-1] == [text] * bool(text)
    if text:
        linked = PARSER.renderInline(link(markup, "u"))
        assert html.unescape(linked) == f'<a href="u">{text}</a>'


def test_numbers_are_aligned_and_texts_beside_them_are_as_they_are():
    rows = [{"class": "007", "f1": 0.5}, {"class": "1e5", "f1": 0.25}]
    assert table(rows).splitlines()[2:] == [
        "| 007     | 0.500 |",
        "| 1e5     | 0.250 |",
    ]
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


def test_a_written_table_is_aligned_and_its_texts_are_no_numbers():
    assert aligned("| name | value |\n|---|---|\n| 007 | 1.50 |\n| 1e5 | |\n").splitlines() == [
        "| name   | value   |",
        "|--------|---------|",
        "| 007    | 1.50    |",
        "| 1e5    |         |",
    ]


def test_texts_that_yaml_1_1_takes_for_something_else_are_in_quotes():
    assert yaml({"name": "no", "time": "12:30", "tags": ["keras"], "count": 3}) == (
        "name: 'no'\ntime: '12:30'\ntags:\n- keras\ncount: 3"
    )


def test_templates_keep_their_last_line_end_and_no_lines_of_their_own():
    template = ENVIRONMENT.from_string("a\n  {% if true %}\n<b>{{ x }}\n  {% endif %}\n")
    assert template.render(x="<c>") == "a\n<b><c>\n"
