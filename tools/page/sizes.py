"""How much of a built page browsers load, and when."""

import re
from collections.abc import Iterable
from pathlib import Path

NAMED = re.compile(r'(?:href|src|from|import) ?=? ?"([\w./-]+\.(?:css|js|svg))"')

MEGABYTE = 1e6


def loaded_with(site: Path, document: str) -> set[Path]:
    """A document of `site` and what it loads at once: styles, icon, scripts and their imports."""
    found: set[Path] = set()
    waiting = [site / document]
    while waiting:
        path = waiting.pop()
        found.add(path)
        text = path.read_text("utf-8") if path.suffix in {".html", ".js"} else ""
        named = ((path.parent / name).resolve() for name in NAMED.findall(text))
        waiting += [other for other in named if other.exists() and other not in found]
    return found


def summary(site: Path, network: str) -> str:
    """Sizes of what the two documents load with `network`, and of all of `site`, in a line."""
    site = site.resolve()
    first, data = [loaded_with(site, name) for name in ("report.html", "index.html")], site / "data"
    report = first[0] | {*data.glob("*.json")} - {data / "train.json"}
    classifier = first[1] | {data / "site.json"}
    later = [*site.glob("runtime/*.mjs"), *site.glob("runtime/*.wasm")]
    later += [site / "models" / f"{network}.onnx", data / "train.json"]
    files = [path for path in site.rglob("*") if path.is_file()]
    return (
        f"the report loads {size(report)} and images when shown, the classifier {size(classifier)} "
        f"and with the first image {size(later)}; {len(files)} files, {size(files)}"
    )


def size(paths: Iterable[Path]) -> str:
    """The bytes of `paths`, with a unit."""
    total = sum(path.stat().st_size for path in paths)
    return f"{total / 1e3:.0f} kB" if total < MEGABYTE else f"{total / MEGABYTE:.1f} MB"
