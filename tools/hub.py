"""Hub: a folder for each network as the Hugging Face Hub takes it, ready to push.

In: `models/NETWORK.keras`, the exported formats that `reports/NETWORK/export.json` names, and
`reports/NETWORK/`. Out, in `hub/NETWORK/`: `README.md` (the model card) and its figures;
`config.json`, `metadata.json` and `model.weights.h5`, the parts of the `.keras` archive, which
`keras.saving.load_model` reads from `hf://USER/NAME`; `model.onnx`, `model.tflite` and so on;
`labels.txt`, the class names in the order of labels.
Run: `python -m tools.hub`, or `python -m tools.hub FOLDER` to write there.
"""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from fashion import cli
from fashion.config.params import Params
from fashion.io.files import FileError, read_json, reading, write_text
from tools.card import card, class_rows

PARTS = ("config.json", "metadata.json", "model.weights.h5")


def main(folder: str = "hub", root: Path = Path()) -> None:
    """Lay out `models`, and champions that are trained here, below `folder`; say how to push."""
    params = Params.load(root / "params.yaml")
    trained = [name for name in params.champions if (root / f"models/{name}.keras").exists()]
    networks = [*params.models, *trained]
    for path in (path for network in networks for path in needed(network, root)):
        if not path.exists():  # before anything is written
            raise FileError(
                f"{path}: missing; `make repro` writes it, `make champion` for champions"
            )
    for network in networks:
        target = Path(folder) / network
        lay_out(network, root, target)
        write_text(target / "README.md", card(network, params, root))
        labels = [f"{row['class']}\n" for row in class_rows(root / "reports" / network)]
        write_text(target / "labels.txt", "".join(labels))
        print(f"{target}: {', '.join(sorted(path.name for path in target.iterdir()))}")
        print(f"  uvx hf upload USER/{network} {target} .")


def needed(network: str, root: Path) -> Iterator[Path]:
    """What is laid out: the figures, the Keras model and its exported formats."""
    report = root / "reports" / network
    yield from (report / "figures", root / "models" / f"{network}.keras")
    formats = read_json(report / "export.json")
    yield from (root / "models" / f"{network}.{suffix}" for suffix in formats)


def lay_out(network: str, root: Path, target: Path) -> None:
    """Put the files of `network` into `target`."""
    figures, model, *exported = needed(network, root)
    shutil.copytree(figures, target / "figures", dirs_exist_ok=True)
    with reading(model, "a .keras archive", zipfile.BadZipFile), zipfile.ZipFile(model) as archive:
        archive.extractall(target, PARTS)
    for file in exported:
        shutil.copy(file, target / f"model{file.name.removeprefix(network)}")


if __name__ == "__main__":
    cli.run(main, "folder")
