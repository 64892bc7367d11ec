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

from benchmarks.seeds import current
from fashion import cli
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_csv, read_json, write_text
from research import mcnemar
from tools.card import card, class_rows, figure_names, is_fashion_mnist
from tools.markdown import render, table

ACTIONS = ("write", "show")
BEGIN = "<!-- {}: written by `make report` -->"
END = "<!-- end of {} -->"
SCORES = {  # title of a column: name in metrics.json, format
    "accuracy": ("accuracy", ".2%"),
    "without TTA": ("accuracy_without_tta", ".2%"),
    "loss": ("loss", ".4f"),
    "macro F1": ("macro_f1", ".4f"),
    "ECE": ("ece", ".4f"),
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
    readme = insert(readme, "results", readme_results(results, params, root))
    readme = insert(readme, "benchmarks", readme_benchmarks(benchmarks))
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


def score_rows(results: Figures) -> list[Row]:
    """The scores of each network on the test images."""
    return [
        {"network": network}
        | {title: format(scores[name], form) for title, (name, form) in SCORES.items()}
        for network, scores in results.items()
    ]


def readme_results(results: Figures, params: Params, root: Path) -> str:
    """What the README says of each network: its scores, and the statistics of its seeds."""
    seeds = {network: current(params, network, root) for network in results}
    name = "readme_results.md.jinja"
    return render(name, results=results, seeds=seeds, data=params.data, mean=mean, seconds=seconds)


def readme_benchmarks(benchmarks: Figures) -> str:
    """What the README says of speed and memory, of those benchmarks that have run."""
    name = "readme_benchmarks.md.jinja"
    return render(name, benchmarks=benchmarks, mean=mean, seconds=seconds)


def result_page(
    reports: Path, results: Figures, right: Mapping[str, np.ndarray], params: Params
) -> str:
    """A page with the scores, each class and each figure of each network."""
    return render(
        "results.md.jinja",
        data=params.data,
        is_fashion_mnist=is_fashion_mnist(params),
        scores=score_rows(results),
        pairs=[*mcnemar.rows(right)],
        classes={network: class_rows(reports / network) for network in results},
        figures={network: figure_names(reports / network) for network in results},
    )


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


def benchmark_page(benchmarks: Figures) -> str:
    """A page with every measurement and what it was made on."""
    return render("benchmarks.md.jinja", benchmarks=benchmarks, tables=benchmark_tables)


def benchmark_tables(figures: Figures) -> list[list[Row]]:
    """The runs of a benchmark and its spreads, where it has them."""
    tables = [cells(run) for run in figures.get("runs", [])], [*spread_rows(figures)]
    return [rows for rows in tables if rows]


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


def mean(spread: Mapping[str, float]) -> str:
    """Mean and standard deviation in percent, and of how many."""
    deviation = f" ± {100 * spread['sd']:.2f}" if spread["n"] > 1 else ""
    return f"{spread['mean']:.2%}{deviation} (n = {spread['n']})"


def seconds(spread: Mapping[str, float]) -> str:
    """The median, with three digits."""
    digits = max(0, 3 - len(str(int(spread["median"]))))
    return f"{spread['median']:.{digits}f} s"


if __name__ == "__main__":
    cli.run(main, "action")
