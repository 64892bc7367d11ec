"""Turn a clone into a project of your own, for your images instead of Fashion-MNIST.

In: a YAML file with the lines of `params.yaml` that change, such as `examples/shapes.yaml`. Out:
`params.yaml` with these lines, a README without the results of Fashion-MNIST, and documents without
links to them. Models, reports, example images and locks are removed. Nothing is committed, so
`git checkout HEAD .` takes everything back. Run: `make new-project LINES=FILE`.
"""

import io
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fashion import cli
from fashion.config.loader import check, read
from fashion.config.params import Params
from fashion.config.section import PARAMS_FILE
from fashion.errors import FashionError
from fashion.io.files import write_text
from tools.apply_best import merge
from tools.checkout import Checkout
from tools.markdown import render

REMOVED = (
    "champion/dvc.lock",
    "docs/*.png",
    "dvc.lock",
    "examples/README.md",
    "examples/make.py",
    "examples/*.jpg",
    "examples/*.png",
    "examples/*.webp",
    "models/*.onnx",
    "reports",
)
# In these sections, networks that the lines do not name are removed.
REPLACED = ("models", "champions")
NAMES_THE_MODEL = ("pyproject.toml", "deploy/Dockerfile", ".dockerignore")
PACKAGED, PHOTO_MODEL = "models/cnn.onnx", "models/clothing.onnx"
KEPT_FROM = "## Project structure"
OLD_NUMBERS = "*Examples and numbers on this page are of networks for Fashion-MNIST.*\n"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#:]+)(?:#[^)]*)?\)")
IMAGE = re.compile(r"<img [^>]*src=\"([^\"]+)\"[^>]*>\n?")


class NewProjectError(FashionError):
    """Tracked files with uncommitted changes."""


def main(lines_file: str, root: Path = Path()) -> None:
    """Apply the lines of `lines_file` in the clone `root`, and remove what is of Fashion-MNIST.

    Raises `NewProjectError`, and changes nothing, if other tracked files were changed, and
    `ParamsError` if the lines do not fit `params.yaml`.
    """
    checkout, lines = Checkout(root), read(lines_file)
    status = checkout.git("status", "--porcelain", "--untracked-files=no").splitlines()
    own = Path(lines_file).resolve()
    if changed := [line for line in status if (root / line[3:]).resolve() != own]:
        raise NewProjectError("\n".join(["commit or undo these changes first:", *changed]))
    yaml, text = YAML(), io.StringIO()
    yaml.width = 100
    document = yaml.load((root / PARAMS_FILE).read_text("utf-8"))
    yaml.dump(with_lines(document, lines), text)
    params = check(Params, YAML(typ="safe", pure=True).load(text.getvalue()), lines_file)

    checkout.git("rm", "-r", "--quiet", "--ignore-unmatch", "--", *REMOVED)
    write_text(root / PARAMS_FILE, text.getvalue())
    network = "cnn" if "cnn" in params.models else next(iter(params.models))
    for name in NAMES_THE_MODEL:
        text_before = (root / name).read_text("utf-8")
        lines_left = [line for line in text_before.splitlines(True) if PHOTO_MODEL not in line]
        write_text(root / name, "".join(lines_left).replace(PACKAGED, f"models/{network}.onnx"))
    readme = (root / "README.md").read_text("utf-8")
    top = render("new_readme.md.jinja", data=params.data)
    rest = readme.partition(KEPT_FROM)[2].replace("mlp", network)
    rest = re.sub("^champion/.*\n", "", rest, flags=re.MULTILINE)
    write_text(root / "README.md", top + KEPT_FROM + rest)
    for page in checkout.git("ls-files", "*.md").split():
        remove_dead_links(root / page)
        if page.startswith("docs/"):
            say_what_is_old(root / page)
    print("Next: copy your images to data/raw, run `make repro`, and commit the result")


def with_lines(
    document: MutableMapping[str, Any], lines: Mapping[str, Any]
) -> MutableMapping[str, Any]:
    """Merge `lines` into `document`, a `params.yaml`, and return it.

    Networks that the lines do not name are removed, if they name any. So are intervals and choices
    of the search.
    """
    replaced = [(document[key], lines[key]) for key in REPLACED if key in lines]
    if "space" in lines.get("tune", {}):
        replaced.append((document["tune"]["space"], lines["tune"]["space"]))
    list(merge(document, lines))
    for values, named in replaced:
        for name in [name for name in values if name not in named]:
            del values[name]
    return document


def say_what_is_old(page: Path) -> None:
    """Say below the title of a Markdown file that its numbers are of Fashion-MNIST, if any are."""
    title, newline, text = page.read_text("utf-8").partition("\n")
    if "Fashion-MNIST" in text:
        write_text(page, f"{title}\n\n{OLD_NUMBERS}{newline}{text}")


def remove_dead_links(page: Path) -> None:
    """Replace links of a Markdown file to files that do not exist by their text; remove images."""

    def exists(target: str) -> bool:
        return (page.parent / target).exists()

    text = page.read_text("utf-8")
    text = LINK.sub(lambda found: found[0] if exists(found[2]) else found[1], text)
    write_text(page, IMAGE.sub(lambda found: found[0] if exists(found[1]) else "", text))


if __name__ == "__main__":
    cli.run(main, "lines_file")
