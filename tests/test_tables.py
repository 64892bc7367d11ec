import pytest

from fashion.tables import BEGIN, END, Result, TableError, insert, page, result_table

FIRST, LAST = BEGIN.format("results"), END.format("results")

METRICS = {
    "accuracy": 0.9,
    "accuracy_low": 0.89,
    "accuracy_high": 0.91,
    "confidence_level": 0.95,
    "loss": 0.25,
    "single_view_accuracy": 0.88,
    "macro_f1": 0.899,
    "top2_accuracy": 0.97,
    "ece": 0.02,
    "per_class": {"Bag": {"precision": 0.5, "recall": 0.6, "f1": 0.7}},
    "parameters": 12345,
}
TIMING = {"seconds": 61.4, "machine": {"threads": 2, "cpu": "A processor"}}
RESULT = Result("net", METRICS, TIMING, ["zebra.png", "confusion.png", "curves.png"])


def test_the_table_has_a_row_with_every_figure():
    row = result_table([RESULT]).splitlines()[2]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == [
        "net",
        "90.00%",
        "88.00%",
        "89.00% to 91.00%",
        "0.2500",
        "12,345",
        "61 s",
        "2 threads, A processor",
    ]


def test_a_time_that_is_not_known_is_not_shown():
    row = result_table([RESULT._replace(timing={})]).splitlines()[2]
    assert "not timed" in row
    assert "61 s" not in row


def test_the_interval_is_named_by_its_level():
    narrow = RESULT._replace(metrics=METRICS | {"confidence_level": 0.5})
    assert "50 % interval" in result_table([narrow]).splitlines()[0]


def test_the_table_goes_between_its_marks_and_can_be_put_there_again():
    text = f"before\n{FIRST}\nold\n{LAST}\nafter\n"
    once = insert(text, "new")
    assert once == f"before\n{FIRST}\nnew\n{LAST}\nafter\n"
    assert insert(once, "new") == once


def test_each_topic_has_its_own_place():
    text = f"{FIRST}\nold\n{LAST}\n{BEGIN.format('speed')}\nold\n{END.format('speed')}\n"
    assert insert(text, "new", "speed").splitlines()[1::3] == ["old", "new"]


@pytest.mark.parametrize("text", ["", FIRST, LAST, f"{LAST} {FIRST}"])
def test_a_text_without_marks_is_refused(text):
    with pytest.raises(TableError, match="expected a line"):
        insert(text, "new")


def test_the_page_shows_every_picture_known_ones_first_with_captions():
    text = page([RESULT])
    places = [text.index(f"](net/{name})") for name in ("curves.png", "confusion.png", "zebra.png")]
    assert places == sorted(places)
    assert "![Loss and accuracy by epoch](net/curves.png)" in text
    assert "| Bag" in text
