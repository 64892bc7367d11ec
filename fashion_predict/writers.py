"""The forms in which predictions are written, a row for each image as soon as it is known.

Each writer is a context manager of a stream that gives the function to call for each row; what
opens and closes the whole is written around the rows. All of them say which model predictions and which
data it was trained on: the table above the rows, the others in each prediction, so that rows of several
models can be put together.
"""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple, TextIO

from fashion_predict.classifier import OOD, UNCERTAIN, Prediction, Classifier


class Row(NamedTuple):
    """An image's name, and either its prediction or what is wrong with it."""

    file: str
    prediction: Prediction | None
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


def _two_best(prediction: Prediction) -> tuple[tuple[str, float], tuple[str, float]]:
    best, second, *_ = (*islice(prediction.probabilities.items(), 2), ("", 0.0))
    return best, second


@contextmanager
def table(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """Columns for people; the name comes last, as its width is not known before the end.

    Images that cannot be read have no row; the command names them on standard error.
    """
    begun = False
    uncertain = len(f"{UNCERTAIN}: ") + max(map(len, classifier.classes))
    wide = max(len(OOD), uncertain)
    line = f"{{:{wide}}}  {{:>11}}  {{:{wide}}}  {{}}\n"

    def write(row: Row) -> None:
        nonlocal begun
        if row.prediction is None:
            return
        if not begun:
            stream.write(f"{printable(classifier.name)}, trained on {printable(classifier.data)}\n")
            stream.write(line.format("prediction", "probability", "second best", "file"))
        begun = True
        stream.write(line.format(*map(printable, (*_cells(row.prediction), row.file))))

    yield write


def _cells(prediction: Prediction) -> tuple[str, str, str]:
    (best, probability), (second, next_probability) = _two_best(prediction)
    if prediction.label == OOD:  # probabilities of what it is not would mislead
        return prediction.label, "", ""
    label = prediction.label if prediction.label != UNCERTAIN else f"{UNCERTAIN}: {best}"
    return label, f"{probability:.1%}", f"{second} {next_probability:.1%}"


@contextmanager
def json_array(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """One array with an object a line; that of an image that cannot be read has `error`."""
    between = "[\n"

    def write(row: Row) -> None:
        nonlocal between
        stream.write(between + json.dumps(_object(row, classifier), ensure_ascii=False))
        between = ",\n"

    yield write
    stream.write("[]\n" if between == "[\n" else "\n]\n")


def _object(row: Row, classifier: Classifier) -> dict[str, object]:
    if row.prediction is None:
        return {"file": row.file, "error": row.error}
    return {
        "file": row.file,
        "label": row.prediction.label,
        "best": row.prediction.best,
        "probability": row.prediction.probability,
        "distance": row.prediction.distance,
        "model": classifier.name,
        "data": classifier.data,
        "probabilities": row.prediction.probabilities,
    }


@contextmanager
def comma_separated(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """A line of column names, then a line an image; `error` is the last column."""
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(COLUMNS)
    model = classifier.name, classifier.data

    def write(row: Row) -> None:
        if row.prediction is None:
            lines.writerow([row.file, *[""] * (len(COLUMNS) - 2), row.error])
            return
        best, second = _two_best(row.prediction)
        label, distance = row.prediction.label, row.prediction.distance
        lines.writerow([row.file, label, *best, *second, distance, *model, ""])

    yield write


WRITERS = {"table": table, "json": json_array, "csv": comma_separated}
