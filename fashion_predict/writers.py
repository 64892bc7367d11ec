"""Writers of results: a table for people, JSON, and CSV.

Each writer is a context manager that takes a stream and yields the function to call with each
result. JSON and CSV name the model and its data in every row, so that results of several models
can be put together.
"""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

from fashion_predict.classifier import Classifier, Prediction


class Result(NamedTuple):
    """The name of an image, with its prediction or with the reason why it has none."""

    file: str
    prediction: Prediction | None
    error: str | None


Write = Callable[[Result], None]
OOD = "none of the classes"
UNCERTAIN = "not sure"
COLUMNS = (
    "file",
    "label",
    "is_ood",
    "is_uncertain",
    "top1",
    "top1_probability",
    "top2",
    "top2_probability",
    "ood_score",
    "model",
    "dataset",
    "error",
)
JOINERS = "\u200c\u200d"  # of letters in Persian and Hindi, and of emoji


def printable(text: str) -> str:
    """`text` on one line, with control characters replaced by question marks."""
    return "".join(letter if _is_printable(letter) else "?" for letter in text)


def _is_printable(letter: str) -> bool:
    is_blank = unicodedata.category(letter) == "Zs"  # macOS puts some into names of screenshots
    return letter.isprintable() or is_blank or letter in JOINERS


@contextmanager
def table(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """Columns for people; the file comes last, since the longest name is not known in advance.

    An image that cannot be read has no row; the command reports it on standard error.
    """
    has_header = False
    uncertain = len(f"{UNCERTAIN}: ") + max(map(len, classifier.classes))
    width = max(len(OOD), uncertain)
    line = f"{{:{width}}}  {{:>11}}  {{:{width}}}  {{}}\n"

    def write(result: Result) -> None:
        nonlocal has_header
        if result.prediction is None:
            return
        if not has_header:
            title = f"{printable(classifier.name)}, trained on {printable(classifier.dataset)}\n"
            stream.write(title + line.format("prediction", "probability", "second best", "file"))
        has_header = True
        stream.write(line.format(*map(printable, (*_cells(result.prediction), result.file))))

    yield write


def _cells(prediction: Prediction) -> tuple[str, str, str]:
    if prediction.is_ood:  # the probabilities would mislead
        return OOD, "", ""
    probabilities, top2 = prediction.probabilities, prediction.top2
    top1 = prediction.top1
    return (
        f"{UNCERTAIN}: {top1}" if prediction.is_uncertain else top1,
        f"{probabilities[top1]:.1%}",
        f"{top2} {probabilities[top2]:.1%}",
    )


@contextmanager
def json_array(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """One array with an object per line; that of an image that cannot be read has `error`."""
    separator = "[\n"

    def write(result: Result) -> None:
        nonlocal separator
        stream.write(separator + json.dumps(_object(result, classifier), ensure_ascii=False))
        separator = ",\n"

    yield write
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _object(result: Result, classifier: Classifier) -> dict[str, object]:
    if result.prediction is None:
        return {"file": result.file, "error": result.error}
    names = [name for name in COLUMNS if name != "error"]
    values = _values(result.file, result.prediction, classifier)
    return {
        **dict(zip(names, values, strict=True)),
        "probabilities": result.prediction.probabilities,
    }


def _values(file: str, prediction: Prediction, classifier: Classifier) -> list[object]:
    return [
        file,
        prediction.label,
        prediction.is_ood,
        prediction.is_uncertain,
        prediction.top1,
        prediction.probabilities[prediction.top1],
        prediction.top2,
        prediction.probabilities[prediction.top2],
        prediction.ood_score,
        classifier.name,
        classifier.dataset,
    ]


@contextmanager
def comma_separated(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """A header, then a line for each image; an empty `label` means that there is none."""
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(COLUMNS)

    def write(result: Result) -> None:
        if result.prediction is None:
            lines.writerow([result.file, *[""] * (len(COLUMNS) - 2), result.error])
        else:
            lines.writerow([*_values(result.file, result.prediction, classifier), ""])

    yield write


WRITERS = {"table": table, "json": json_array, "csv": comma_separated}
