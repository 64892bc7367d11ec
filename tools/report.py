"""Report: results and benchmarks as tables, in the READMEs or on the terminal.

In: `params.yaml`, `reports/NETWORK/`, `reports/benchmarks/*.json`. Out: the lines between the marks
in `README.md`; `reports/README.md` (each class and figure), `reports/benchmarks/README.md` (each
measurement), `reports/NETWORK/card.md` (a model card). All of it follows from these files, so it
changes only with them. Scores are printed.
Run: `python -m tools.report`, or `python -m tools.report show`, which only prints.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fashion import cli
from fashion.errors import FashionError
from fashion.files import read_csv, read_json, write_text
from fashion.params.whole import Params
from tools import pairs
from tools.bench.seeds import current
from tools.card import UNKNOWN, card, class_table, data_set, source
from tools.markdown import link, plain, table

ACTIONS = ("write", "show")
BEGIN = "<!-- {}: written by `make report` -->"
END = "<!-- end of {} -->"
CAPTIONS = {
    "curves": "Loss and accuracy by epoch",
    "confusion": "Confusion matrix, counts",
    "confusion_normalized": "Confusion matrix, fractions of each true class",
    "class_scores": "Precision, recall and F1 by class",
    "reliability": "Reliability: is a confidence of 80 % right in 80 % of cases?",
    "mistakes": "The most confident mistakes",
    "examples": "Examples of each class",
}
MORE = {  # in reports/, of Fashion-MNIST
    "computation/accuracy.png": "Accuracy against computation",
    "label_noise/gallery.png": "Test images that all networks call the same other class",
}
CONTENDERS = {"keras": "Keras' own layers and `fit`", "torch": "PyTorch, channels last"}
SCORES = {  # title of a column: name in metrics.json, format
    "accuracy": ("accuracy", ".2%"),
    "without TTA": ("accuracy_without_tta", ".2%"),
    "loss": ("loss", ".4f"),
    "macro F1": ("macro_f1", ".4f"),
    "ECE": ("ece", ".4f"),
    "parameters": ("parameters", ",d"),
}
BRIEF = {
    "test accuracy (TTA)": ("accuracy", ".2%"),
    "without TTA": ("accuracy_without_tta", ".2%"),
    "parameters": ("parameters", ",d"),
}
Row = dict[str, str]
Figures = Mapping[str, Any]


class ReportError(FashionError):
    """A text without marks for a table, or networks with different test images."""


def main(action: str = "write", root: Path = Path()) -> None:
    """Print the scores of each network, and unless `action` is `show` write all of it."""
    if action not in ACTIONS:
        raise ReportError(f"expected one of {', '.join(ACTIONS)}; received {action}")
    params, reports = Params.load(root / "params.yaml"), root / "reports"
    files = {network: reports / network / "metrics.json" for network in params.networks}
    results = {network: read_json(file) for network, file in files.items() if file.exists()}
    right = outcomes(reports, results)
    print(table(score_rows(results), "simple"))
    if action == "show":
        return
    benchmarks = {file.stem: read_json(file) for file in (reports / "benchmarks").glob("*.json")}
    readme = (root / "README.md").read_text("utf-8")
    readme = insert(readme, "results", table(result_rows(results, params, root)))
    readme = insert(readme, "benchmarks", table(benchmark_rows(benchmarks)))
    write_text(root / "README.md", readme)
    write_text(reports / "README.md", result_page(reports, results, right, params))
    write_text(reports / "benchmarks" / "README.md", benchmark_page(benchmarks))
    for network in results:
        write_text(reports / network / "card.md", card(network, params, root))


def insert(text: str, topic: str, content: str) -> str:
    """`text` with `content` between the two marks of `topic`; `ReportError` without them."""
    first, last = BEGIN.format(topic), END.format(topic)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ReportError(f"README.md: expected a line {first!r} and after it a line {last!r}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def score_rows(
    results: Figures, columns: Mapping[str, tuple[str, str]] = SCORES, first: str = "network"
) -> list[Row]:
    """A row for each network: its name in the column `first`, its scores on the test images."""
    return [
        {first: network}
        | {title: format(scores[name], form) for title, (name, form) in columns.items()}
        for network, scores in results.items()
    ]


def escaped(by_network: Mapping[str, Any]) -> dict[str, Any]:
    """`by_network` with its names as Markdown."""
    return {plain(network): value for network, value in by_network.items()}


def result_rows(results: Figures, params: Params, root: Path) -> list[Row]:
    """What the README says of each network: its scores, and the statistics of its seeds."""
    rows = score_rows(escaped(results), BRIEF, f"network, on {plain(params.data.name)}")
    for network, row in zip(results, rows, strict=True):
        known = current(params, network, root)
        row["mean ± sd of seeds"] = accuracy(known["accuracy"]) if known else "-"
        row["training, median"] = training(known) if known else "-"
        row["parameters"] = row.pop("parameters")  # the last column
    return rows


def benchmark_rows(benchmarks: Figures) -> list[Row]:
    """What the README says of speed and memory, of those benchmarks that have run."""
    makers = {
        "baseline": baseline,
        "step": step,
        "serving": serving,
        "memory": memory,
    }
    rows = [
        row
        for name, maker in makers.items()
        if name in benchmarks
        for row in maker(benchmarks[name])
    ]
    return [dict(zip(("measured", "result", "against"), row, strict=True)) for row in rows]


def baseline(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """The stage against the plain scripts."""
    results = {
        label: f"{seconds(of['seconds'])}, {accuracy(of['accuracy'])}"
        for label, of in figures.items()
        if label != "machine"
    }
    stage, result = results.popitem()
    yield stage, result, "; ".join(f"{label}: {plain}" for label, plain in results.items())


def step(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """Training steps, in floating-point operations."""
    peak, ours = figures["gemm_gflops"]["median"], figures["pipeline"]["gflops"]["median"]
    others = [
        f"{label} {figures[name]['gflops']['median']:.0f}"
        for name, label in CONTENDERS.items()
        if name in figures
    ]
    result = f"{ours:.0f} GFLOP/s, {ours / peak:.0%} of the processor's {peak:.0f}"
    yield (
        f"training step of the `cnn`, batch size {figures['batch_size']}",
        result,
        ", ".join(others),
    )


def serving(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """One picture as a process, and one image and batches in one that is there, against Keras."""
    threads = max(row["threads"] for row in figures["runs"])
    rows = {row["runtime"]: row for row in figures["runs"] if row["threads"] == threads}
    keras = {label: row for label, row in rows.items() if label.startswith("Keras")}
    if "one_picture" in figures:
        first = "; ".join(f"{label} {row['first_answer_s']} s" for label, row in keras.items())
        result = seconds(figures["one_picture"])
        yield "`fashion-predict`, one picture, whole process", result, f"first answer: {first}"
    if "ONNX Runtime" in rows:
        results = "; ".join(f"{label} {speed(row)}" for label, row in keras.items())
        yield "`cnn` as ONNX, one image; batches", speed(rows["ONNX Runtime"]), results


def memory(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """The stage that takes the most memory, and what it takes with the most data."""
    once, most_data = (end(row["times"] for row in figures["runs"]) for end in (min, max))
    peaks = {
        times: max(
            (row["peak_mb"], row["stage"]) for row in figures["runs"] if row["times"] == times
        )
        for times in (once, most_data)
    }
    peak, stage = peaks[once]
    more = f"{most_data} times the training images: {peaks[most_data][0]} MB"
    yield "peak memory of a stage", f"{peak} MB, `{stage}`", more


def result_page(
    reports: Path, results: Figures, right: Mapping[str, np.ndarray], params: Params
) -> str:
    """A page with the scores, each class and each figure of each network."""
    text = (
        f"# Results on {source(params.data)}\n\nWritten by `make report` from the files beside it. "
        "Scores are of the test images; loss and accuracy by epoch are of the training and "
        "validation images. Where `fit.selection` leaves images out, those of training are of the "
        "images that it picks, which are mostly hard ones, so they cannot be compared with those "
        "of validation.\n\n"
        f"{table(score_rows(escaped(results)))}\n"
    )
    text += comparison(right)
    for file, caption in MORE.items():
        if data_set(params) is not UNKNOWN and (reports / file).exists():
            text += f"\n**{caption}**\n\n![{caption}]({file})\n"
    for network in results:
        rows = class_table(reports / network)
        text += f"\n## {plain(network)}\n\n[Model card]({network}/card.md)\n\n{rows}\n"
        figures = {file.stem for file in (reports / network / "figures").glob("*.png")}
        for name in [
            *(name for name in CAPTIONS if name in figures),
            *sorted(figures - {*CAPTIONS}),
        ]:
            caption = CAPTIONS.get(name, plain(name))
            image = link(caption, f"{network}/figures/{name}.png")
            text += f"\n**{caption}**\n\n!{image}\n"
    return text


def outcomes(reports: Path, results: Figures) -> dict[str, np.ndarray]:
    """Whether each network is right about each test image (bool [images]), where that is known.

    Raises `ReportError` if networks were evaluated on different test images.
    """
    files = {network: reports / network / "predictions.csv" for network in results}
    tables = {
        network: read_csv(file, text_columns=("actual", "predicted"))
        for network, file in files.items()
        if file.exists()
    }
    for network, predictions in tables.items():
        first = next(iter(tables))
        if not predictions["actual"].equals(tables[first]["actual"]):
            raise ReportError(
                f"{network} was evaluated on other test images than {first}; `make repro` makes "
                "models anew, `make champion` champions; `champions: {}` in params.yaml leaves "
                "these out"
            )
    return {
        network: (predictions["actual"] == predictions["predicted"]).to_numpy()
        for network, predictions in tables.items()
    }


def comparison(right: Mapping[str, np.ndarray]) -> str:
    """Every two networks on the same test images, where their predictions are known."""
    rows = [*pairs.rows(escaped(right))]
    return f"\nOf the test images, by McNemar's exact test:\n\n{table(rows)}\n" if rows else ""


def benchmark_page(benchmarks: Figures) -> str:
    """A page with every measurement and what it was made on."""
    text = (
        "# Benchmarks\n\nWritten by `make report` from the files beside it, which `make bench` and "
        "`make seeds` measure. What each means stands at the head of the file named.\n"
    )
    for name, figures in sorted(benchmarks.items()):
        for part, measured in figures.get("networks", {"": figures}).items():
            machine = ", ".join(f"{key} {value}" for key, value in measured["machine"].items())
            title = f"`tools/bench/{name}.py`" + (f": {plain(part)}" if part else "")
            note = f"{measured['note']}\n\n" if "note" in measured else ""
            rows = [[*map(cells, measured.get("runs", []))], [*spread_rows(measured)]]
            tables = "".join(f"{table(some)}\n\n" for some in rows if some)
            text += f"\n## {title}\n\n{tables}{note}On: {machine}.\n"
    return text


def spread_rows(figures: Figures, above: str = "") -> Iterator[Row]:
    """A row for each spread in `figures`, however deep, named by the keys that lead to it."""
    for key, value in figures.items():
        name = f"{above} {key}".strip()
        if isinstance(value, Mapping) and "median" in value:
            yield {"measured": name.replace("_", " "), **cells(value)}
        elif isinstance(value, Mapping):
            yield from spread_rows(value, name)


def cells(values: Figures) -> Row:
    """Each value as text; an interval as its ends."""
    return {
        key: " to ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in values.items()
    }


def accuracy(spread: Mapping[str, float]) -> str:
    """Mean and standard deviation in percent, and of how many."""
    deviation = f" ± {100 * spread['sd']:.2f}" if spread["n"] > 1 else ""
    return f"{spread['mean']:.2%}{deviation} (n = {spread['n']})"


def speed(row: Figures) -> str:
    """Latency of one image and throughput of batches."""
    return f"{row['latency_ms']:.2g} ms, {row['images_per_second']:,} images/s"


def training(seeds: Figures) -> str:
    """The median time of a training, and the vector instructions of the processor."""
    return f"{seconds(seeds['training_seconds'])}, {seeds['machine']['instructions']}"


def seconds(spread: Mapping[str, float]) -> str:
    """The median, with three digits."""
    digits = max(0, 3 - len(str(int(spread["median"]))))
    return f"{spread['median']:.{digits}f} s"


if __name__ == "__main__":
    cli.run(main, "action")
