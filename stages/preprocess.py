"""Preprocess: IDX files to `.npy`, the training images split into training and validation.

In: `data/raw/`; `data` and `preprocess` of `params.yaml`. Out: in `data/processed/`, for each of
`train`, `validation` and `test`, `images.npy` (uint8 [count, height, width]) and `labels.npy`
(uint8 [count]) in their original order, memory-mappable. Run: `python -m stages.preprocess`.
"""

from pathlib import Path

import numpy as np

from fashion import cli
from fashion.data.checks import check_dataset
from fashion.data.idx import read_idx
from fashion.data.split import stratified_split
from fashion.files import reading, write_npy
from fashion.params.data import Data
from fashion.params.preprocess import Preprocess


def main(
    raw: str = "data/raw", processed: str = "data/processed", params_file: str = "params.yaml"
) -> None:
    """Convert the IDX files of the folder `raw` into `.npy` files of the folder `processed`."""
    data, params = Data.load(params_file), Preprocess.load(params_file)
    parts = {name: _read(Path(raw), name) for name in ("train", "t10k")}
    for name, (images, labels) in parts.items():
        check_dataset(
            name,
            images,
            labels,
            image_shape=(data.image_height, data.image_width),
            classes=data.classes,
            max_imbalance=params.max_imbalance,
        )
    train, test = parts.values()
    rows = stratified_split(train[1], params.validation_images, params.seed)
    _write(Path(processed) / "train", train, rows[0])
    _write(Path(processed) / "validation", train, rows[1])
    _write(Path(processed) / "test", test, np.arange(len(test[1])))
    print(f"{len(rows[0])} training, {len(rows[1])} validation, {len(test[1])} test images")


def _read(raw: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of the part `name`, memory-mapped."""
    images, labels = raw / f"{name}-images-idx3-ubyte", raw / f"{name}-labels-idx1-ubyte"
    with reading(images, "an IDX file"):
        pixels = read_idx(images, dimensions=3)
    with reading(labels, "an IDX file"):
        return pixels, read_idx(labels, dimensions=1)


def _write(folder: Path, part: tuple[np.ndarray, np.ndarray], rows: np.ndarray) -> None:
    for name, array in zip(("images", "labels"), part, strict=True):
        write_npy(folder / f"{name}.npy", array, rows)


if __name__ == "__main__":
    cli.run_stage(main)
