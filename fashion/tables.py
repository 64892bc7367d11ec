"""Results as text for people: a table, and a page with every picture."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tabulate import tabulate

from fashion.errors import FashionError

BEGIN = "<!-- {}: written by `make report` -->"
END = "<!-- end of {} -->"
CAPTIONS = {
    "curves.png": "Loss and accuracy by epoch",
    "confusion.png": "Confusion matrix, counts",
    "confusion_normalized.png": "Confusion matrix, shares of each true class",
    "class_scores.png": "Precision, recall and F1 by class",
    "reliability.png": "Reliability: is a confidence of 80 % right in 80 % of cases?",
    "mistakes.png": "The most confident mistakes",
    "examples.png": "Examples of each class",
}


class TableError(FashionError):
    """A text without the marks between which the results go."""


class Result(NamedTuple):
    """What was measured of one network: its metrics, its training time, its pictures' names.

    `timing` is empty where the time of just this training is not known.
    """

    network: str
    metrics: dict[str, Any]
    timing: dict[str, Any]
    pictures: Sequence[str]


def result_table(results: Sequence[Result], style: str = "github") -> str:
    """A row for each network, in a format of `tabulate`."""
    rows = [_row(result) for result in results]
    align = ("left", *["right"] * 6, "left")
    return tabulate(rows, headers="keys", tablefmt=style, colalign=align, disable_numparse=True)


def _row(result: Result) -> dict[str, str]:
    metrics, timing = result.metrics, result.timing
    return {
        "network": result.network,
        "test accuracy": f"{metrics['accuracy']:.2%}",
        "single view": f"{metrics['single_view_accuracy']:.2%}",
        f"{100 * metrics['confidence_level']:g} % interval": (
            f"{metrics['accuracy_low']:.2%} to {metrics['accuracy_high']:.2%}"
        ),
        "loss": f"{metrics['loss']:.4f}",
        "parameters": f"{metrics['parameters']:,}",
        "training": f"{timing['seconds']:.0f} s" if timing else "not timed",
        "on": "{threads} threads, {cpu}".format_map(timing["machine"]) if timing else "",
    }


def insert(text: str, table: str, topic: str = "results") -> str:
    """`text` with `table` between the two marks of `topic`; raises `TableError` without them."""
    first, last = BEGIN.format(topic), END.format(topic)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise TableError(f"expected a line {first!r} and after it a line {last!r}; found none")
    return f"{before}{begin}\n{table}\n{end}{after}"


def page(results: Sequence[Result]) -> str:
    """A Markdown page: the table, then scores and pictures of each network."""
    sections = "\n".join(_section(result) for result in results)
    return (
        "# Results\n\n"
        "Written by `make report` from the files beside it. The test images were used for these "
        "figures only; loss and accuracy by epoch are those of the training and validation "
        "images. Where `fit.selection` leaves out what is easy, those of training are of the "
        "images that were used, mostly hard ones.\n\n"
        f"{result_table(results)}\n\n{sections}"
    )


def _section(result: Result) -> str:
    metrics = result.metrics
    scores = (
        f"Macro F1 {metrics['macro_f1']:.4f}, top-2 accuracy {metrics['top2_accuracy']:.2%}, "
        f"expected calibration error {metrics['ece']:.4f}."
    )
    classes = [{"class": name, **values} for name, values in metrics["per_class"].items()]
    table = tabulate(classes, headers="keys", tablefmt="github", floatfmt=".3f")
    pictures = "\n\n".join(
        f"**{CAPTIONS.get(name, name)}**\n\n![{CAPTIONS.get(name, name)}]({result.network}/{name})"
        for name in sorted(result.pictures, key=_order)
    )
    return f"## {result.network}\n\n{scores}\n\n{table}\n\n{pictures}\n"


def _order(picture: str) -> int:
    return list(CAPTIONS).index(picture) if picture in CAPTIONS else len(CAPTIONS)
