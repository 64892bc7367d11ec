"""Build the page: a folder for any static host, with the models to run and the report to explore.

In: `page/`, `params.yaml`, `data/processed/`, `models/NETWORK.onnx`, `reports/`, `examples/`, and
onnxruntime-web, which `npm ci` installs in `page/`. Out: `site/`, whole or not at all; equal bytes
for equal inputs.
`page/scripts/types.d.ts` says what is in its `data/`.
Run: `python -m tools.page`, or `python -m tools.page FOLDER` to build there.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.export.provenance import data_digest
from fashion.io.files import write_text
from tools.card import is_fashion_mnist
from tools.page import networks
from tools.page.dataset import DataSet
from tools.page.networks import Exported
from tools.page.sizes import summary
from tools.page.sprites import write_sprites

SITE = "site"
DOCUMENTS = ("index.html", "report.html", "icon.svg")
ACCURACY_FIGURE = "reports/accuracy_vs_flops/accuracy.png"
RUNTIME = "page/node_modules/onnxruntime-web/dist"
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
FOLDERS = ("style", "scripts")
MADE = {*DOCUMENTS, *FOLDERS, "data", "examples", "images", "models", "runtime"}
IMAGES = (".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")


class BuildError(FashionError):
    """A page that cannot be built: no runtime, or a folder that holds something else."""


def main(folder: str = SITE, root: Path = Path()) -> None:
    """Build the page of the project `root` in `folder`, and say how large it is."""
    params = Params.load(root / "params.yaml")
    names = networks.with_results(params, root)
    data = DataSet.read(root / "data/processed")
    exported = {name: Exported.read(root / "models" / f"{name}.onnx") for name in names}
    digest = data_digest(*data.train)
    for network in exported.values():
        network.check(data, digest)
    if not (root / RUNTIME).exists():
        raise BuildError(f"{RUNTIME}: missing; `make setup-page` installs it, with npm of Node.js")
    with replacing_folder(Path(folder)) as site:
        copy_files(root, site, names)
        write_data(site, "train", training_images(site, data, list(exported.values())))
        for name in names:
            report = networks.read_report(root / "reports" / name, data)
            write_data(site, name, report)
        write_data(
            site,
            "site",
            {
                "data": data.describe(params.data),
                "networks": [
                    networks.describe(name, exported[name], params, root) for name in names
                ],
                "accuracy_figure": copy_accuracy_figure(root, site, params),
                "sheet": write_sprites(site, "test", data.test.images),
                "examples": [
                    f"examples/{quote(path.name)}" for path in sorted((site / "examples").iterdir())
                ],
            },
        )
        said = summary(site, names[0])
    print(f"{folder}: {said}; `make app` shows it")


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill; put it in the place of `folder` if the block ends well.

    Raises `BuildError` if `folder` has anything that no build made, which would be lost.
    """
    folder = folder.resolve()
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    others = found - MADE if (folder / "data/site.json").exists() else found
    if others:
        raise BuildError(
            f"{folder}: expected an empty folder or an earlier page, found {min(others)}; "
            "name another folder"
        )
    partial, old = (folder.with_name(f".{kind}-{folder.name}") for kind in ("unfinished", "old"))
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
    finally:
        for leftover in (partial, old):
            shutil.rmtree(leftover, ignore_errors=True)


def copy_files(root: Path, site: Path, names: Sequence[str]) -> None:
    """Put into `site` what is taken as it is."""
    page = root / "page"
    copies = {
        ".": [page / name for name in DOCUMENTS],
        "runtime": [
            *(root / RUNTIME / name for name in RUNTIME_FILES),
            page / "runtime/LICENSE.txt",
        ],
        "models": [root / "models" / f"{name}.onnx" for name in names],
        "examples": [path for path in root.glob("examples/*") if path.suffix.lower() in IMAGES],
    }
    for target, paths in copies.items():
        (site / target).mkdir(exist_ok=True)
        for path in paths:
            shutil.copyfile(path, site / target / path.name)
    for name in FOLDERS:
        shutil.copytree(
            page / name,
            site / name,
            ignore=shutil.ignore_patterns("*.d.ts", ".*"),
            copy_function=shutil.copyfile,
        )


def copy_accuracy_figure(root: Path, site: Path, params: Params) -> str | None:
    """Copy the figure of accuracy against computation; its path, or None for other data."""
    if not is_fashion_mnist(params) or not (root / ACCURACY_FIGURE).exists():
        return None
    path = f"images/{Path(ACCURACY_FIGURE).name}"
    shutil.copyfile(root / ACCURACY_FIGURE, site / path)
    return path


def training_images(site: Path, data: DataSet, exported: Sequence[Exported]) -> dict[str, Any]:
    """`TrainingImages` of `types.d.ts`: those that any network compares with."""
    rows = np.unique(np.concatenate([network.rows for network in exported]))
    return {
        "rows": rows.tolist(),
        "labels": data.train.labels[rows].tolist(),
        "sheet": write_sprites(site, "train", data.train.images, rows),
    }


def write_data(site: Path, name: str, content: dict[str, Any]) -> None:
    """Write `content` as `data/NAME.json`, without spaces: it is sent to browsers."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(site / "data" / f"{name}.json", text + "\n")
