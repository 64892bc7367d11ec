"""Model cards: what a network is, what it is for and how good it is, in the Hub's format.

In: `params.yaml`, `reports/NETWORK/` and `reports/benchmarks/seeds.json`. Out: text, which
`make report` writes to `reports/NETWORK/card.md`. Sections whose files are missing are left out.
Links lead to files beside the card. Sources: Mitchell et al., arXiv:1810.03993, for the sections;
huggingface.co/docs/hub/model-cards for the metadata at the top.
"""

from pathlib import Path
from typing import Any

from benchmarks.seeds import seed_statistics
from fashion.config.params import Params
from fashion.io.files import read_csv, read_json
from tools.markdown import render

FASHION_MNIST = "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"  # of a file


def card(network: str, params: Params, root: Path = Path()) -> str:
    """The card of `network`, which has been evaluated: YAML between `---`, then Markdown."""
    report = root / "reports" / network
    exported, ood = report / "export.json", report / "ood.csv"
    counts = root / "reports/data/counts.csv"
    return render(
        "card.md.jinja",
        network=network,
        params=params,
        settings=params.networks[network],
        is_fashion_mnist=is_fashion_mnist(params),
        scores=read_json(report / "metrics.json")[network],
        counts=dict(read_csv(counts, ["class"]).sum(numeric_only=True)) if counts.exists() else {},
        classes=class_rows(report),
        figures=figure_names(report),
        formats=read_json(exported) if exported.exists() else {},
        ood=read_rows(ood, "dataset") if ood.exists() else [],
        seeds=seed_statistics(params, network, root),
    )


def is_fashion_mnist(params: Params) -> bool:
    """Whether the data are Fashion-MNIST, for which cards and pages have more text and figures."""
    return any(file.sha256 == FASHION_MNIST for file in params.download.files)


def figure_names(report: Path) -> list[str]:
    """The names of the figures of a network, sorted."""
    return sorted(file.stem for file in (report / "figures").glob("*.png"))


def class_rows(report: Path) -> list[dict[str, Any]]:
    """The scores of each class, in the order of labels."""
    return read_rows(report / "per_class.csv", "class")


def read_rows(file: Path, text_column: str) -> list[dict[str, Any]]:
    """The rows of a table, its column names with blanks instead of underscores."""
    rows = read_csv(file, [text_column]).to_dict("records")
    return [{str(name).replace("_", " "): value for name, value in row.items()} for row in rows]
