"""Build the page: a folder for any static host, with models to run and reports to explore.

Inputs: `page/` with onnxruntime-web, which `npm ci` installs there, `params.yaml`,
`data/processed/`, `models/NETWORK.onnx`, `reports/`, `examples/`, and the branches and experiments.
Output: `site/`, complete or not at all, with equal bytes for equal inputs. Its files in `data/` are
specified in `page/scripts/types.d.ts`.
Run: `python -m tools.page`, or `python -m tools.page FOLDER` for another folder.
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
from fashion.io.files import read_csv, write_text
from tools.card import is_fashion_mnist
from tools.page import networks
from tools.page.experiments import experiment_tables
from tools.page.networks import ExportedModel
from tools.page.page_data import PageData
from tools.page.sprites import write_sprites

SITE = "site"
DOCUMENTS = ("index.html", "report.html", "icon.svg")
FOLDERS = ("style", "scripts")
CONTENT = {*DOCUMENTS, *FOLDERS, "data", "examples", "images", "models", "runtime"}
ACCURACY_FIGURE = "reports/accuracy_vs_flops/accuracy.png"
LABEL_ISSUES = "reports/label_issues/images.csv"
MAX_LABEL_ISSUES = 60
RUNTIME = "page/node_modules/onnxruntime-web/dist"
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
IMAGES = (".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")


class BuildError(FashionError):
    """The runtime is missing, or the folder of the page holds something else."""


def main(folder: str = SITE, root: Path = Path()) -> None:
    """Build the page of the project `root` in `folder`."""
    params = Params.load(root / "params.yaml")
    names = networks.with_results(params, root)
    data = PageData.load(root / "data/processed")
    exported = {name: ExportedModel.load(root / "models" / f"{name}.onnx") for name in names}
    dataset_sha256 = data_digest(*data.train)
    for model in exported.values():
        model.check(dataset_sha256)
    if not (root / RUNTIME).exists():
        raise BuildError(f"{RUNTIME}: missing; `make setup-page` installs it, with npm of Node.js")
    others = networks.of_other_data(params, root)
    with replacing_folder(Path(folder)) as site:
        copy_files(root, site, [model.path for model in (*exported.values(), *others)])
        write_data(site, "reference_images", reference_images(site, data, list(exported.values())))
        for name in names:
            write_data(site, name, networks.read_report(root / "reports" / name, data))
        listed = [networks.describe(name, exported[name], params, root) for name in names]
        examples = sorted(path.name for path in (site / "examples").iterdir())
        content = {
            "dataset": data.describe(params.data),
            "networks": listed,
            "other_networks": [
                {"name": model.path.stem, "model": model.describe()} for model in others
            ],
            "label_issues": label_issues(root, site, data),
            "accuracy_figure": copy_accuracy_figure(root, site, params),
            "sprites": write_sprites(site, "test", data.test.images),
            "examples": [f"examples/{quote(name)}" for name in examples],
        }
        write_data(site, "site", content)
        write_data(site, "experiments", experiment_tables(root))
        sizes = [path.stat().st_size for path in site.rglob("*") if path.is_file()]
    print(f"{folder}: {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB; `make app` serves it")


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which replaces `folder` if the block succeeds.

    Raises `BuildError` if `folder` holds anything but a page.
    """
    folder = folder.resolve()
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    others = found - CONTENT if (folder / "data/site.json").exists() else found
    if others:
        raise BuildError(
            f"{folder}: expected an empty folder or an earlier page, found {min(others)}; "
            "name another folder"
        )
    partial, old = (folder.with_name(f".{state}-{folder.name}") for state in ("unfinished", "old"))
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


def copy_files(root: Path, site: Path, models: Sequence[Path]) -> None:
    """Copy into `site` the files that need no change."""
    page = root / "page"
    copies = {
        ".": [page / name for name in DOCUMENTS],
        "runtime": [
            *(root / RUNTIME / name for name in RUNTIME_FILES),
            page / "runtime/LICENSE.txt",
        ],
        "models": [*models, *root.glob("NOTICE"), *root.glob("LICENSES/*")],
        "examples": [path for path in root.glob("examples/*") if path.suffix.lower() in IMAGES],
    }
    for target, paths in copies.items():
        (site / target).mkdir(exist_ok=True)
        for path in paths:
            shutil.copyfile(path, site / target / path.name)
    for name in FOLDERS:
        ignore = shutil.ignore_patterns("*.d.ts", ".*")
        shutil.copytree(page / name, site / name, ignore=ignore, copy_function=shutil.copyfile)


def label_issues(root: Path, site: Path, data: PageData) -> dict[str, Any] | None:
    """The training images that are most likely to have wrong labels, if they were searched."""
    file = root / LABEL_ISSUES
    if not file.exists():
        return None
    rows = read_csv(file, ["actual", "predicted"]).head(MAX_LABEL_ISSUES)
    indices = rows["index"].to_numpy()
    return {
        "indices": indices.tolist(),
        "sprites": write_sprites(site, "label_issues", data.train.images, indices),
        "predictions": networks.columns(networks.with_labels(rows, data.classes)),
    }


def copy_accuracy_figure(root: Path, site: Path, params: Params) -> str | None:
    """Copy the figure of accuracy against computation; its path, or None for another dataset."""
    if not is_fashion_mnist(params) or not (root / ACCURACY_FIGURE).exists():
        return None
    path = f"images/{Path(ACCURACY_FIGURE).name}"
    shutil.copyfile(root / ACCURACY_FIGURE, site / path)
    return path


def reference_images(
    site: Path, data: PageData, exported: Sequence[ExportedModel]
) -> dict[str, Any]:
    """`ReferenceImages` of `types.d.ts`: those of any of the networks."""
    indices = np.unique(np.concatenate([model.bank_indices for model in exported]))
    return {
        "indices": indices.tolist(),
        "labels": data.train.labels[indices].tolist(),
        "sprites": write_sprites(site, "reference", data.train.images, indices),
    }


def write_data(site: Path, name: str, content: dict[str, Any] | list[Any]) -> None:
    """Write `content` as `data/NAME.json`, without spaces, as browsers download it."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(site / "data" / f"{name}.json", text + "\n")
