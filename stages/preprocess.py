"""Preprocess: turn IDX files or image files into `.npy` files, split into train, validation, test.

In: `data/raw/`; `data` and `preprocess` of `params.yaml`. Out, in `data/processed/`: for each
split `images.npy` (uint8 [count, height, width], in colour [count, height, width, 3]) and
`labels.npy` (uint8 [count]), both memory-mappable; `classes.json` (`classes`, the names in the
order of labels); `files.csv` (the file, the original size and perhaps the group of each image).
Run: `python -m stages.preprocess`.
"""

from fashion import cli
from fashion.config.data import Data
from fashion.config.stages import Preprocess
from fashion.data.checks import check_disk_space, check_images, describe_imbalance
from fashion.data.decoding import decode_all
from fashion.data.folders import find_images
from fashion.data.idx import find_idx, read_idx_splits, require_names
from fashion.data.splits import image_shape, split_indices, write_file_table
from fashion.io.files import replacing, write_json, write_npy


def main(
    raw: str = "data/raw", processed: str = "data/processed", params_file: str = "params.yaml"
) -> None:
    """Turn the data in the folder `raw` into arrays of one shape and split them."""
    data, params = Data.load(params_file), Preprocess.load(params_file)
    shape = image_shape(data.image_height, data.image_width, data.channels)
    idx_files = find_idx(raw)
    if idx_files:
        classes = require_names(data.classes, raw)
        splits = read_idx_splits(idx_files, classes, len(shape))
        sources = dict(zip(("train", "test"), splits, strict=True))
        check_disk_space(processed, sum(len(split.labels) for split in splits), shape)
    else:
        classes, image_lists = find_images(raw, data.classes)
        split_indices(image_lists, classes, params)  # fail before decoding, which takes longer
        check_disk_space(processed, sum(len(of.files) for of in image_lists.values()), shape)
        skip = params.unreadable == "skip"
        sources = decode_all(
            image_lists, shape, data.preprocessing, processed, skip_unreadable=skip
        )
    indices = split_indices(sources, classes, params, by_name=not idx_files)
    for name, source in sources.items():
        check_images(name, source.images, shape, len(source.labels))
    for name, (position, chosen) in indices.items():
        write_npy(f"{processed}/{name}/images.npy", sources[position].images, chosen)
        write_npy(f"{processed}/{name}/labels.npy", sources[position].labels, chosen)
    write_json(f"{processed}/classes.json", {"classes": classes})
    with replacing(f"{processed}/files.csv") as partial:
        write_file_table(partial, sources, indices, params.group_by)
    train, validation, test = (len(chosen) for _, chosen in indices.values())
    if imbalance := describe_imbalance(sources["train"].labels, classes, params.max_imbalance):
        print(imbalance)
    print(f"{train} training, {validation} validation, {test} test images")


if __name__ == "__main__":
    cli.run_stage(main)
