"""Preprocess: IDX files or images to `.npy`, divided into training, validation and test images.

In: `data/raw/`, `data` and `preprocess` of `params.yaml`. Out: in `data/processed/`, for each of
`train`, `validation` and `test`, `images.npy` (uint8 [count, height, width], in colour with a last
axis of 3) and `labels.npy` (uint8 [count]) in their original order, memory-mappable; `classes.json`
(`classes`, the names in the order of labels) and `files.csv` (where each image is from, and its
size there). Run: `python -m stages.preprocess`.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from fashion import cli
from fashion.config.data import Data
from fashion.config.stages import Preprocess
from fashion.data.checks import DatasetError, check_images, check_range
from fashion.data.decoding import decode
from fashion.data.folders import ImageList, find
from fashion.data.idx import find_idx
from fashion.data.layout import folders_in
from fashion.data.parts import SIZE, Part, count_from_zero, image_shape, read_idx_part
from fashion.data.splits import SplitIndices, divide
from fashion.io.files import replacing, write_json, write_npy
from fashion.links import refuse_links

TOLD = 5  # duplicates and unreadable images that are named, of all


def main(
    raw: str = "data/raw", processed: str = "data/processed", params_file: str = "params.yaml"
) -> None:
    """Make images of one shape of what is in the folder `raw`, and divide them."""
    data, params = Data.load(params_file), Preprocess.load(params_file)
    shape = image_shape(data.image_height, data.image_width, data.channels)
    idx = _find_idx(raw)
    if idx:
        classes = _given(raw, data)
        parts = _read_idx(idx, classes, len(shape))
    else:
        refuse_links(raw)
        classes, listed = find(raw, data.classes)
        divide(listed, classes, params)  # refuses before it takes long
        parts = _decode(listed, shape, processed, data, params)
    rows = divide(parts, classes, params, by_name=not idx)
    for name, part in zip(("train", "test"), parts, strict=False):
        check_images(name, part.images, shape, len(part.labels))
    for name, (place, chosen) in rows.items():
        write_npy(f"{processed}/{name}/images.npy", parts[place].images, chosen)
        write_npy(f"{processed}/{name}/labels.npy", parts[place].labels, chosen)
    write_json(f"{processed}/classes.json", {"classes": classes})
    _write_files(f"{processed}/files.csv", parts, rows)
    train, validation, test = (len(chosen) for _, chosen in rows.values())
    print(f"{train} training, {validation} validation, {test} test images")


def _decode(
    listed: Sequence[ImageList],
    shape: tuple[int, ...],
    scratch: str,
    data: Data,
    params: Preprocess,
) -> list[Part]:
    Path(scratch).mkdir(parents=True, exist_ok=True)
    decoded = [decode(part, shape, data.preprocessing, scratch) for part in listed]
    errors = [str(error) for _, errors in decoded for error in errors]
    if errors and params.unreadable == "refuse":
        raise DatasetError(
            "\n".join(errors) + f"\n{len(errors)} images cannot be read: replace or remove them, "
            "or leave them out by preprocess.unreadable: skip in params.yaml"
        )
    _tell(f"of {sum(len(part.files) for part in listed)} images left out", errors)
    return [part for part, _ in decoded]


def _find_idx(raw: str) -> Mapping[tuple[str, str], Path]:
    """The IDX files in `raw`, {} if it holds images."""
    if not Path(raw).is_dir():
        raise DatasetError(
            f"{raw}: expected a folder of images or IDX files, found none; run `dvc repro`"
        )
    return {} if folders_in(Path(raw)) else find_idx(raw)


def _given(raw: str, data: Data) -> list[str]:
    if data.classes is None:
        raise DatasetError(
            f"{raw} holds IDX files, which have no class names: in params.yaml, expected a list as "
            "data.classes, found the word folders; list the names in the order of labels"
        )
    return list(data.classes)


def _read_idx(
    files: Mapping[tuple[str, str], Path], classes: Sequence[str], axes: int
) -> list[Part]:
    parts = [
        read_idx_part(files[split, "images"], files[split, "labels"], axes)
        for split in ("train", "test")
    ]
    counted = count_from_zero(parts, len(classes))
    if counted[0] is not parts[0]:
        print(f"labels count from 1: 1 is {classes[0]!r}, {len(classes)} is {classes[-1]!r}")
    check_range([part.labels for part in counted], classes)
    return counted


def _write_files(path: str, parts: Sequence[Part], rows: SplitIndices) -> None:
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["part", "row", "file", *SIZE])
        for name, (place, chosen) in rows.items():
            files, sizes = parts[place].files, parts[place].sizes
            table.writerows((name, n, files[row], *sizes[row]) for n, row in enumerate(chosen))


def _tell(what: str, names: Sequence[str]) -> None:
    if names:
        more = "; ..." if len(names) > TOLD else ""
        print(f"{len(names)} {what}: {'; '.join(names[:TOLD])}{more}")


if __name__ == "__main__":
    cli.run_stage(main)
