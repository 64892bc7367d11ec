"""The forms in which answers are written, a row for each picture as soon as it is known.

Each writer is a context manager of a stream that gives the function to call for each row; what
opens and closes the whole is written around the rows.
"""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple, TextIO

from fashion.inference.classifier import UNFAMILIAR, UNSURE, Answer


class Row(NamedTuple):
    """A picture's name, and either its answer or what is wrong with it."""

    file: str
    answer: Answer | None
    error: str | None


Write = Callable[[Row], None]
COLUMNS = ("file", "label", "best", "probability", "second", "second_probability", "distance")


def printable(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(one if one.isprintable() else "?" for one in text)


def _two_best(answer: Answer) -> tuple[tuple[str, float], tuple[str, float]]:
    best, second, *_ = (*islice(answer.probabilities.items(), 2), ("", 0.0))
    return best, second


@contextmanager
def table(stream: TextIO) -> Iterator[Write]:
    """Columns for people; the name comes last, as its width is not known before the end.

    Pictures that cannot be read have no row; the command names them on standard error.
    """
    begun = False

    def write(row: Row) -> None:
        nonlocal begun
        if row.answer is None:
            return
        uncertain = len(f"{UNSURE}: ") + max(map(len, row.answer.probabilities))
        wide = max(len(UNFAMILIAR), uncertain)
        line = f"{{:{wide}}}  {{:>11}}  {{:{wide}}}  {{}}\n"
        if not begun:
            stream.write(line.format("answer", "probability", "second best", "file"))
        begun = True
        stream.write(line.format(*_cells(row.answer), printable(row.file)))

    yield write


def _cells(answer: Answer) -> tuple[str, str, str]:
    (best, probability), (second, next_probability) = _two_best(answer)
    if answer.label == UNFAMILIAR:  # probabilities of what it is not would mislead
        return answer.label, "", ""
    label = answer.label if answer.label != UNSURE else f"{UNSURE}: {best}"
    return label, f"{probability:.1%}", f"{second} {next_probability:.1%}"


@contextmanager
def json_array(stream: TextIO) -> Iterator[Write]:
    """One array with an object a line; that of a picture that cannot be read has `error`."""
    between = "[\n"

    def write(row: Row) -> None:
        nonlocal between
        stream.write(between + json.dumps(_object(row), ensure_ascii=False))
        between = ",\n"

    yield write
    stream.write("[]\n" if between == "[\n" else "\n]\n")


def _object(row: Row) -> dict[str, object]:
    if row.answer is None:
        return {"file": row.file, "error": row.error}
    return {
        "file": row.file,
        "label": row.answer.label,
        "best": row.answer.best,
        "probability": row.answer.probability,
        "distance": row.answer.distance,
        "probabilities": row.answer.probabilities,
    }


@contextmanager
def comma_separated(stream: TextIO) -> Iterator[Write]:
    """A line of column names, then a line a picture; `error` is the last column."""
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow([*COLUMNS, "error"])

    def write(row: Row) -> None:
        if row.answer is None:
            lines.writerow([row.file, *[""] * (len(COLUMNS) - 1), row.error])
            return
        best, second = _two_best(row.answer)
        lines.writerow([row.file, row.answer.label, *best, *second, row.answer.distance, ""])

    yield write


WRITERS = {"table": table, "json": json_array, "csv": comma_separated}
