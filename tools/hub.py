"""Hub: a folder for each network in the layout of the Hugging Face Hub, ready to push.

In: `models/NETWORK.keras`, the exported formats that `reports/NETWORK/export.json` names, and
`reports/NETWORK/`. Out, in `hub/NETWORK/`: `README.md` (the model card) and its figures; the
contents of the `.keras` archive (`config.json`, `metadata.json` and `model.weights.h5`), which
`keras.saving.load_model` reads from `hf://USER/NAME`; `model.onnx`, `model.tflite` and so on;
`labels.txt`, the class names in the order of labels. For the network of photographs, whose Keras
model is not in this project, the folder has the card, `model.onnx`, `labels.txt` and `NOTICE`.
Run: `python -m tools.hub`, or `python -m tools.hub FOLDER` to write there.
"""

import shutil
import zipfile
from pathlib import Path

from fashion import cli
from fashion.config.params import Params
from fashion.io.files import FileError, read_json, reading, write_text
from tools.card import card, class_rows

PHOTOGRAPHS = Path("reports/photographs/clothing")
KERAS_FILES = ("config.json", "metadata.json", "model.weights.h5")


def main(folder: str = "hub", root: Path = Path()) -> None:
    """Write the folders of `models`, and of champions trained here; print how to push them."""
    params = Params.load(root / "params.yaml")
    trained = [name for name in params.champions if (root / f"models/{name}.keras").exists()]
    sources = {network: find_sources(network, root) for network in [*params.models, *trained]}
    for network, paths in sources.items():
        target = Path(folder) / network
        copy_sources(network, paths, target)
        write_text(target / "README.md", card(network, params, root))
        write_labels(root / "reports" / network, target)
    photographs, target = root / PHOTOGRAPHS, Path(folder) / PHOTOGRAPHS.name
    if photographs.exists():
        shutil.copytree(photographs / "figures", target / "figures", dirs_exist_ok=True)
        shutil.copy(photographs / "card.md", target / "README.md")
        shutil.copy(root / f"models/{target.name}.onnx", target / "model.onnx")
        shutil.copy(root / "NOTICE", target)
        write_labels(photographs, target)


def write_labels(report: Path, target: Path) -> None:
    """Write the classes of the folder `report` to `target`, and print how to push it."""
    write_text(target / "labels.txt", "".join(f"{row['class']}\n" for row in class_rows(report)))
    print(f"{target}: {', '.join(sorted(path.name for path in target.iterdir()))}")
    print(f"  uvx hf upload USER/{target.name} {target} .")


def find_sources(network: str, root: Path) -> list[Path]:
    """The folder of figures, the Keras model and its exported formats, in this order.

    Raises `FileError` if one is missing.
    """
    report, model = root / "reports" / network, root / "models" / f"{network}.keras"
    formats = read_json(report / "export.json")
    exported = [model.with_name(f"{network}.{suffix}") for suffix in formats]
    paths = [report / "figures", model, *exported]
    for path in paths:
        if not path.exists():
            raise FileError(
                f"{path}: missing; `make repro` writes it, `make champion` a champion's"
            )
    return paths


def copy_sources(network: str, sources: list[Path], target: Path) -> None:
    """Copy what `find_sources` found to `target`, the Keras model as the files that it contains."""
    figures, model, *exported = sources
    shutil.copytree(figures, target / "figures", dirs_exist_ok=True)
    with reading(model, "a .keras archive", zipfile.BadZipFile), zipfile.ZipFile(model) as archive:
        archive.extractall(target, KERAS_FILES)
    for file in exported:
        shutil.copy(file, target / f"model{file.name.removeprefix(network)}")


if __name__ == "__main__":
    cli.run(main, "folder")
