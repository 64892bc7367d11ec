"""Preprocess: IDX files to `.npy`, the training images split into training and validation.

In: `data/raw/` and `preprocess` of `params.yaml`. Out: `data/processed/`: for each of `train`,
`validation` and `test` the images (uint8 [count, 28, 28]) and labels (uint8 [count]) in their
original order, memory-mappable. Memory holds one chunk of rows, however large the files are.
Run: `python -m stages.preprocess`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from fashion import command
from fashion.artifacts import npy_writer
from fashion.dataset import IMAGE_SHAPE
from fashion.idx import open_idx
from fashion.inspection import check_shape, check_summary, summarize
from fashion.params import load_params
from fashion.split import divide, stratify

CHUNK_ROWS = 4096


def main(
    raw: str = "data/raw", processed: str = "data/processed", params_file: str = "params.yaml"
) -> None:
    """Convert the IDX files of the folder `raw` into `.npy` files of the folder `processed`."""
    params = load_params(params_file)
    train, test = IdxPart(raw, "train"), IdxPart(raw, "t10k")
    counts = train.check(params.preprocess.max_imbalance)
    test.check(params.preprocess.max_imbalance)
    validation = params.preprocess.validation_images
    split = stratify(train.label_chunks(), counts, validation, params.preprocess.seed)
    with ExitStack() as unfinished:
        write_train = _append_to(unfinished, processed, "train", train.count - validation)
        write_validation = _append_to(unfinished, processed, "validation", validation)
        write_test = _append_to(unfinished, processed, "test", test.count)
        for images, labels, is_validation in divide(train.chunks(), split):
            write_train(images[~is_validation], labels[~is_validation])
            write_validation(images[is_validation], labels[is_validation])
        for images, labels in test.chunks():
            write_test(images, labels)
    print(f"{train.count - validation} training, {validation} validation, {test.count} test images")


class IdxPart:
    """The images and labels of one part (`train` or `t10k`) of the data set, in chunks."""

    def __init__(self, raw: str, name: str):
        self.name = name
        self.images = open_idx(Path(raw) / f"{name}-images-idx3-ubyte", dimensions=3)
        self.labels = open_idx(Path(raw) / f"{name}-labels-idx1-ubyte", dimensions=1)
        check_shape(name, self.images.shape, self.labels.shape)
        self.count = self.labels.shape[0]

    def label_chunks(self) -> Iterator[np.ndarray]:
        """Labels uint8 [rows]."""
        return self.labels.chunks(CHUNK_ROWS)

    def chunks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pairs of images uint8 [rows, height, width] and labels uint8 [rows]."""
        return zip(self.images.chunks(CHUNK_ROWS), self.label_chunks(), strict=True)

    def check(self, max_imbalance: float) -> np.ndarray:
        """The images per class (int [classes]), once classes and pixels are as they should be."""
        summary = summarize(self.name, self.chunks())
        check_summary(self.name, summary, max_imbalance)
        return summary.class_counts


def _append_to(
    unfinished: ExitStack, processed: str, name: str, count: int
) -> Callable[[np.ndarray, np.ndarray], None]:
    """A function that appends (images, labels) to the two files of `name`."""
    stem = Path(processed) / name
    images = unfinished.enter_context(npy_writer(f"{stem}_images.npy", (count, *IMAGE_SHAPE)))
    labels = unfinished.enter_context(npy_writer(f"{stem}_labels.npy", (count,)))

    def append(some_images: np.ndarray, some_labels: np.ndarray) -> None:
        images(some_images)
        labels(some_labels)

    return append


if __name__ == "__main__":
    command.run_stage(main)
