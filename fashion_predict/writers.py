"""Write results as a table for people, as JSON or as CSV.

Each writer is a context manager that yields the function to call with each result. JSON and CSV
repeat the model and its dataset for every image, so that you can combine results of several models.
"""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

from fashion_predict.classifier import Classifier, Prediction


class Result(NamedTuple):
    """The name of an image, with its prediction or the reason why it has none."""

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
JOINERS = "\u200c\u200d"  # join letters in Persian and Hindi, and emoji


def printable(text: str) -> str:
    """Replace line breaks and control characters by question marks."""
    return "".join(character if _is_printable(character) else "?" for character in text)


def _is_printable(character: str) -> bool:
    is_space = unicodedata.category(character) == "Zs"  # macOS uses some in names of screenshots
    return character.isprintable() or is_space or character in JOINERS


@contextmanager
def table(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """Write columns for people; the file comes last, since the longest name is not known yet.

    An image that cannot be read has no row. The command reports it on standard error.
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
    probabilities, top1, top2 = prediction.probabilities, prediction.top1, prediction.top2
    return (
        f"{UNCERTAIN}: {top1}" if prediction.is_uncertain else top1,
        f"{probabilities[top1]:.1%}",
        f"{top2} {probabilities[top2]:.1%}",
    )


@contextmanager
def json_array(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """Write one array, with an object on each line."""
    separator = "[\n"

    def write(result: Result) -> None:
        nonlocal separator
        fields = _fields(result, classifier)
        if result.prediction is not None:
            fields["probabilities"] = result.prediction.probabilities
        stream.write(separator + json.dumps(fields, ensure_ascii=False))
        separator = ",\n"

    yield write
    stream.write("\n]\n")


@contextmanager
def comma_separated(stream: TextIO, classifier: Classifier) -> Iterator[Write]:
    """Write a header, then a line for each image; a `label` that is None is an empty cell."""
    lines = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    lines.writeheader()
    yield lambda result: lines.writerow(_fields(result, classifier))


def _fields(result: Result, classifier: Classifier) -> dict[str, object]:
    """Return the values by column; only `file` and `error` if the image cannot be read."""
    prediction = result.prediction
    if prediction is None:
        return {"file": result.file, "error": result.error}
    return {
        "file": result.file,
        "label": prediction.label,
        "is_ood": prediction.is_ood,
        "is_uncertain": prediction.is_uncertain,
        "top1": prediction.top1,
        "top1_probability": prediction.probabilities[prediction.top1],
        "top2": prediction.top2,
        "top2_probability": prediction.probabilities[prediction.top2],
        "ood_score": prediction.ood_score,
        "model": classifier.name,
        "dataset": classifier.dataset,
    }


WRITERS = {"table": table, "json": json_array, "csv": comma_separated}
