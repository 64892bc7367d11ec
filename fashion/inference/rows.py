"""The forms in which answers are written, a row for each picture as soon as it is known.

Each writer is a context manager of a stream that gives the function to call for each row; what
opens and closes the whole is written around the rows. All of them say which model answers and which
data it was trained on: the table above the rows, the others in each answer, so that rows of several
models can be put together.
"""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple, TextIO

from fashion.inference.classifier import UNFAMILIAR, UNSURE, Answer, Classifier


class Row(NamedTuple):
    """A picture's name, and either its answer or what is wrong with it."""

    file: str
    answer: Answer | None
    error: str | None


Write = Callable[[Row], None]
PROBABILITIES = ("best", "probability", "second", "second_probability")
COLUMNS = ("file", "label", *PROBABILITIES, "distance", "model", "data", "error")
JOINERS = "\u200c\u200d"  # of letters in Persian and Hindi, and of emoji


def printable(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(one if _is_printable(one) else "?" for one in text)


def _is_printable(letter: str) -> bool:
    is_blank = unicodedata.category(letter) == "Zs"  # macOS writes some into names of screenshots
    return letter.isprintable() or is_blank or letter in JOINERS


def _two_best(answer: Answer) -> tuple[tuple[str, float], tuple[str, float]]:
    best, second, *_ = (*islice(answer.probabilities.items(), 2), ("", 0.0))
    return best, second


@contextmanager
def table(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """Columns for people; the name comes last, as its width is not known before the end.

    Pictures that cannot be read have no row; the command names them on standard error.
    """
    begun = False
    uncertain = len(f"{UNSURE}: ") + max(map(len, classifier.classes))
    wide = max(len(UNFAMILIAR), uncertain)
    line = f"{{:{wide}}}  {{:>11}}  {{:{wide}}}  {{}}\n"

    def write(row: Row) -> None:
        nonlocal begun
        if row.answer is None:
            return
        if not begun:
            stream.write(f"{printable(classifier.name)}, trained on {printable(classifier.data)}\n")
            stream.write(line.format("answer", "probability", "second best", "file"))
        begun = True
        stream.write(line.format(*map(printable, (*_cells(row.answer), row.file))))

    yield write


def _cells(answer: Answer) -> tuple[str, str, str]:
    (best, probability), (second, next_probability) = _two_best(answer)
    if answer.label == UNFAMILIAR:  # probabilities of what it is not would mislead
        return answer.label, "", ""
    label = answer.label if answer.label != UNSURE else f"{UNSURE}: {best}"
    return label, f"{probability:.1%}", f"{second} {next_probability:.1%}"


@contextmanager
def json_array(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """One array with an object a line; that of a picture that cannot be read has `error`."""
    between = "[\n"

    def write(row: Row) -> None:
        nonlocal between
        stream.write(between + json.dumps(_object(row, classifier), ensure_ascii=False))
        between = ",\n"

    yield write
    stream.write("[]\n" if between == "[\n" else "\n]\n")


def _object(row: Row, classifier: Classifier) -> dict[str, object]:
    if row.answer is None:
        return {"file": row.file, "error": row.error}
    return {
        "file": row.file,
        "label": row.answer.label,
        "best": row.answer.best,
        "probability": row.answer.probability,
        "distance": row.answer.distance,
        "model": classifier.name,
        "data": classifier.data,
        "probabilities": row.answer.probabilities,
    }


@contextmanager
def comma_separated(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """A line of column names, then a line a picture; `error` is the last column."""
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(COLUMNS)
    model = classifier.name, classifier.data

    def write(row: Row) -> None:
        if row.answer is None:
            lines.writerow([row.file, *[""] * (len(COLUMNS) - 2), row.error])
            return
        best, second = _two_best(row.answer)
        label, distance = row.answer.label, row.answer.distance
        lines.writerow([row.file, label, *best, *second, distance, *model, ""])

    yield write


WRITERS = {"table": table, "json": json_array, "csv": comma_separated}
