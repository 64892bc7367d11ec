"""Report: results and benchmarks as tables, in the READMEs or on the terminal.

In: `params.yaml`, `reports/NETWORK/`, `reports/benchmarks/*.json`. Out: the lines between the marks
in `README.md`; `reports/README.md` (classes and figures), `reports/benchmarks/README.md` (every
measurement) and `reports/NETWORK/card.md` (a model card). These files change only if the inputs
change. Scores are also printed.
Run: `python -m tools.report`, or `python -m tools.report show`, which only prints.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.seeds import seed_statistics
from fashion import cli
from fashion.collapse import describe_collapse
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_csv, read_json, write_text
from research import mcnemar
from tools.card import card, class_rows, figure_names, is_fashion_mnist
from tools.markdown import render, table

ACTIONS = ("write", "show")
BEGIN = "<!-- {}: written by `make report` -->"
END = "<!-- end of {} -->"
SCORES = {  # column title: name in metrics.json, format
    "accuracy": ("accuracy", ".2%"),
    "without TTA": ("accuracy_without_tta", ".2%"),
    "loss": ("loss", ".4f"),
    "macro F1": ("macro_f1", ".4f"),
    "ECE": ("ece", ".4f"),
    "balanced accuracy": ("balanced_accuracy", ".2%"),
    "parameters": ("parameters", ",d"),
}
Figures = Mapping[str, Any]


class ReportError(FashionError):
    """An unknown action, a README without marks, or networks with different test images."""


def main(action: str = "write", root: Path = Path()) -> None:
    """Print the scores of each network and, unless `action` is `show`, write all tables."""
    if action not in ACTIONS:
        raise ReportError(f"expected one of {', '.join(ACTIONS)}; received {action}")
    params, reports = Params.load(root / "params.yaml"), root / "reports"
    files = {network: reports / network / "metrics.json" for network in params.networks}
    results = {name: read_json(file)[name] for name, file in files.items() if file.exists()}
    predictions = read_predictions(reports, results)
    is_correct = {
        network: (rows["actual"] == rows["predicted"]).to_numpy()
        for network, rows in predictions.items()
    }
    collapses = find_collapses(predictions, reports)
    print(table(score_rows(results), "simple"))
    for network, collapse in collapses.items():
        print(f"{network}: {collapse}")
    if action == "show":
        return
    benchmarks = {file.stem: read_json(file) for file in (reports / "benchmarks").glob("*.json")}
    readme = (root / "README.md").read_text("utf-8")
    readme = insert(readme, "results", results_table(results, params, root, collapses))
    write_text(root / "README.md", readme)
    results_page = render(
        "results.md.jinja",
        data=params.data,
        is_fashion_mnist=is_fashion_mnist(params),
        scores=score_rows(results),
        collapses=collapses,
        comparisons=[*mcnemar.rows(is_correct)],
        classes={network: class_rows(reports / network) for network in results},
        figures={network: figure_names(reports / network) for network in results},
    )
    write_text(reports / "README.md", results_page)
    benchmarks_page = render(
        "benchmarks.md.jinja",
        summary=benchmarks_table(benchmarks),
        benchmarks=benchmarks,
        tables=measurements,
    )
    write_text(reports / "benchmarks" / "README.md", benchmarks_page)
    for network in results:
        write_text(reports / network / "card.md", card(network, params, root))


def read_predictions(reports: Path, networks: Iterable[str]) -> dict[str, pd.DataFrame]:
    """The table `predictions.csv` of each network that has one.

    Raises `ReportError` if networks were evaluated on different test images.
    """
    tables = {
        network: read_csv(file, text_columns=("actual", "predicted"))
        for network in networks
        if (file := reports / network / "predictions.csv").exists()
    }
    for network, predictions in tables.items():
        first = next(iter(tables))
        if not predictions["actual"].equals(tables[first]["actual"]):
            raise ReportError(
                f"{network} and {first} were evaluated on different test images; `make repro` "
                "retrains models and `make champion` champions, or set `champions: {}` in "
                "params.yaml to leave champions out"
            )
    return tables


def find_collapses(predictions: Mapping[str, pd.DataFrame], reports: Path) -> dict[str, str]:
    """What is wrong with each network that learned little (`describe_collapse`)."""
    collapses = {}
    for network, rows in predictions.items():
        classes = pd.Index([row["class"] for row in class_rows(reports / network)])
        labels, predicted = (classes.get_indexer(rows[name]) for name in ("actual", "predicted"))
        if collapse := describe_collapse(labels, predicted, [*classes]):
            collapses[network] = collapse
    return collapses


def insert(text: str, topic: str, content: str) -> str:
    """`text` with `content` between the two marks of `topic`; `ReportError` without them."""
    first, last = BEGIN.format(topic), END.format(topic)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ReportError(f"README.md: expected a line {first!r} and after it a line {last!r}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def score_rows(results: Figures) -> list[dict[str, str]]:
    """The scores of each network on the test images.

    Balanced accuracy is left out if it equals accuracy, because classes have equally many images.
    """
    rows = [
        {"network": network}
        | {title: format(scores[name], spec) for title, (name, spec) in SCORES.items()}
        for network, scores in results.items()
    ]
    if not is_unequal(results):
        return [{k: v for k, v in row.items() if k != "balanced accuracy"} for row in rows]
    return rows


def is_unequal(results: Figures) -> bool:
    """Whether balanced accuracy differs from accuracy: the sizes of the classes are unequal."""
    return any(
        format(scores["accuracy"], ".2%") != format(scores["balanced_accuracy"], ".2%")
        for scores in results.values()
    )


def results_table(
    results: Figures, params: Params, root: Path, collapses: Mapping[str, str]
) -> str:
    """The table of the README with the scores of each network and the statistics of its seeds.

    Below it is a line for each network of `collapses`, which is marked in the table.
    """
    return render(
        "readme_results.md.jinja",
        results=results,
        seeds={network: seed_statistics(params, network, root) for network in results},
        collapses=collapses,
        data=params.data,
        is_unequal=is_unequal(results),
        mean=mean,
        seconds=seconds,
    )


def benchmarks_table(benchmarks: Figures) -> str:
    """A table with the main figures of the benchmarks that have been run."""
    name = "benchmarks_summary.md.jinja"
    return render(name, benchmarks=benchmarks, mean=mean, seconds=seconds)


def measurements(figures: Figures) -> list[list[dict[str, str]]]:
    """The tables of a benchmark: its runs, and its repeated measurements."""
    tables = [cells(run) for run in figures.get("runs", [])], [*spread_rows(figures)]
    return [rows for rows in tables if rows]


def spread_rows(figures: Figures, prefix: str = "") -> Iterator[dict[str, str]]:
    """A row for each spread in `figures`, at any depth, named by the keys that lead to it."""
    for key, value in figures.items():
        name = f"{prefix} {key}".strip()
        if isinstance(value, Mapping) and "median" in value:
            yield {"measured": name.replace("_", " "), **cells(value)}
        elif isinstance(value, Mapping):
            yield from spread_rows(value, name)


def cells(values: Figures) -> dict[str, str]:
    """Each value as text; an interval as its ends."""
    return {
        key: " to ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in values.items()
    }


def mean(spread: Mapping[str, float]) -> str:
    """Mean and standard deviation in percent, and the number of values."""
    deviation = f" ± {100 * spread['sd']:.2f}" if spread["n"] > 1 else ""
    return f"{spread['mean']:.2%}{deviation} (n = {spread['n']})"


def seconds(spread: Mapping[str, float]) -> str:
    """The median, with three significant digits."""
    digits = max(0, 3 - len(str(int(spread["median"]))))
    return f"{spread['median']:.{digits}f} s"


if __name__ == "__main__":
    cli.run(main, "action")
