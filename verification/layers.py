"""Committed results beside reproduced ones, layer by layer.

Two folders in, rows out. Data must be equal everywhere. All else must be equal to the last byte
on a machine with the signature of the one that the committed results are of; on another one
metrics may lie where another seed's would, and pictures must be those of the figures they show.
Predictions of the committed model may differ by `TOLERANCE` on any machine.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.image import imread

from benchmarks.seeds import JUDGED
from fashion.artifacts import read_csv, read_json
from fashion.dataset import CLASS_NAMES
from fashion.digests import sha256, tree_sha256
from fashion.scores import DIGITS, confusion_matrix, per_class, wilson_interval

TOLERANCE = 1e-5
SCORE_TOLERANCE = 1e-3  # an image on the edge of a class or bin moves a score by a little more
OTHER = "another machine: its scores are judged"
DRAWN_FROM = ("history", "metrics.json", "predictions.csv", "reliability.csv")


class Verdict(StrEnum):
    """What came of a comparison."""

    EQUAL = "equal"
    WITHIN = "within tolerance"
    DIFFERENT = "DIFFERENT"
    SKIPPED = "not compared"
    UNJUDGED = "NOT JUDGED"


class Row(NamedTuple):
    """One comparison: of what layer, of what file, how it ended, and why."""

    layer: str
    what: str
    verdict: Verdict
    why: str = ""


def data(recorded: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Row]:
    """Compare MD5 by path: what `dvc.lock` recorded of data, and what was made now."""
    for path, expected in recorded.items():
        if path.startswith("data/"):
            yield Row("data", path, equal(found.get(path) == expected), "on every machine")


def weights(network: str, committed: Path, reproduced: Path, same_machine: bool) -> Row:
    """Compare the SHA-256 of the model file with the committed one."""
    path = f"models/{network}.keras"
    expected = read_json(committed / "reports" / network / "model.json")["sha256"]
    if sha256(reproduced / path) == expected:
        return Row("weights", path, Verdict.EQUAL)
    if same_machine:
        return Row("weights", path, Verdict.DIFFERENT, "bytes differ on the same kind of machine")
    return Row("weights", path, Verdict.SKIPPED, OTHER)


def predictions(network: str, committed: Path, judged: Path) -> Row:
    """Compare what the committed model says here (in `judged`) with what it said."""
    name = f"reports/{network}/predictions.csv"
    what = f"{name}, by the committed model"
    if (judged / name).read_bytes() == (committed / name).read_bytes():
        return Row("predictions", what, Verdict.EQUAL)
    before, now = (
        read_csv(folder / name, text_columns=("actual", "predicted"))
        for folder in (committed, judged)
    )
    if len(before) != len(now) or (before["actual"] != now["actual"]).any():
        return Row("predictions", what, Verdict.DIFFERENT, "of other images")
    other = int((before["predicted"] != now["predicted"]).sum())
    furthest = float((before["confidence"] - now["confidence"]).abs().max())
    verdict = Verdict.DIFFERENT if other or furthest > TOLERANCE else Verdict.WITHIN
    return Row(
        "predictions", what, verdict, f"{other} other classes, confidence within {furthest:.1g}"
    )


def judgement(network: str, committed: Path, judged: Path) -> Row:
    """Compare the scores that the committed model gets here (in `judged`) with those it got."""
    name = f"reports/{network}/metrics.json"
    before, now = (dict(_numbers(read_json(folder / name))) for folder in (committed, judged))
    what = f"{name}, by the committed model"
    if before == now:
        return Row("metrics", what, Verdict.EQUAL)
    if before.keys() != now.keys():
        return Row("metrics", what, Verdict.DIFFERENT, "other scores")
    furthest = max(abs(before[name] - now[name]) for name in before)
    verdict = Verdict.DIFFERENT if furthest > SCORE_TOLERANCE else Verdict.WITHIN
    return Row("metrics", what, verdict, f"all within {furthest:.1g}")


def _numbers(scores: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in scores.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", number) for inner, number in _numbers(value))
        else:
            yield name, value


def consistency(network: str, folder: Path) -> Iterator[Row]:
    """Compare metrics with those that follow from the predictions beside them."""
    report = folder / "reports" / network
    metrics = read_json(report / "metrics.json")
    table = read_csv(report / "predictions.csv", text_columns=("actual", "predicted"))
    index = {name: place for place, name in enumerate(CLASS_NAMES)}
    actual, predicted = (table[name].map(index).to_numpy() for name in ("actual", "predicted"))
    matrix = confusion_matrix(predicted, actual, len(CLASS_NAMES))
    classes = per_class(matrix).set_axis(list(CLASS_NAMES)).round(DIGITS)
    right = float((actual == predicted).mean())
    low, high = wilson_interval(right, len(table), metrics["confidence_level"])
    follow = {
        "accuracy": round(right, DIGITS),
        "accuracy_low": round(low, DIGITS),
        "accuracy_high": round(high, DIGITS),
        "macro_f1": round(float(per_class(matrix)["f1"].mean()), DIGITS),
        "per_class": classes.to_dict("index"),
    }
    for name, value in follow.items():
        what = f"reports/{network}/metrics.json: {name}"
        yield Row("metrics", what, equal(metrics[name] == value), "follows from the predictions")


def metrics(
    network: str, committed: Path, reproduced: Path, same_machine: bool, seeds: Mapping[str, Any]
) -> Iterator[Row]:
    """Compare scores and history; on another machine by the intervals in `seeds`.

    `seeds` are the statistics of `network` as it is (`benchmarks.seeds`), or empty.
    """
    for name in ("metrics.json", "reliability.csv", "predictions.csv", "history"):
        path = f"reports/{network}/{name}"
        same = tree_sha256(committed / path) == tree_sha256(reproduced / path)
        verdict = equal(same) if same or same_machine else Verdict.SKIPPED
        yield Row("metrics", path, verdict, "" if same or same_machine else OTHER)
    path = f"reports/{network}/metrics.json"
    now, before = (read_json(folder / path) for folder in (reproduced, committed))
    if now == before or same_machine:
        return
    if not seeds:
        yield Row("metrics", path, Verdict.UNJUDGED, "no seed statistics of this: `make seeds`")
        return
    for name in JUDGED:
        low, high = seeds[name]["interval"]
        for scores, whose in ((before, "committed"), (now, "reproduced")):
            inside = low <= scores[name] <= high
            verdict, place = (Verdict.WITHIN, "in") if inside else (Verdict.DIFFERENT, "outside")
            why = f"{whose} {scores[name]:.4f} is {place} {low:.4f} to {high:.4f}"
            yield Row("metrics", f"{path}: {name}", verdict, why)


def pictures(network: str, committed: Path, reproduced: Path) -> Iterator[Row]:
    """Compare pictures; those of other figures than the committed ones are not comparable."""
    report = Path("reports") / network
    same_figures = all(
        tree_sha256(committed / report / name) == tree_sha256(reproduced / report / name)
        for name in DRAWN_FROM
    )
    for path in sorted((committed / report).glob("*.png")):
        what = f"{report}/{path.name}"
        again = reproduced / what
        if again.exists() and again.read_bytes() == path.read_bytes():
            yield Row("pictures", what, Verdict.EQUAL)
        elif not same_figures:
            yield Row("pictures", what, Verdict.SKIPPED, "drawn of other figures")
        elif _have_equal_pixels(path, again):
            yield Row("pictures", what, Verdict.WITHIN, "other bytes, every pixel the same")
        else:
            yield Row("pictures", what, Verdict.DIFFERENT, "other pixels of the same figures")


def _have_equal_pixels(*pictures: Path) -> bool:
    try:
        one, other = map(imread, pictures)
    except (OSError, SyntaxError, ValueError):  # what is no picture
        return False
    return np.array_equal(one, other)


def equal(same: bool) -> Verdict:
    """The verdict of a comparison that knows no tolerance."""
    return Verdict.EQUAL if same else Verdict.DIFFERENT
