"""Describe: what is in the data; counts, sizes, duplicates and near duplicates, a contact sheet.

In: `data/processed/`; `describe`, `plot.dpi` and `data` of `params.yaml`. Out, in `reports/data/`:
`counts.csv` (images of each class in each part), `sizes.csv` (of the images as they were),
`duplicates.csv` (pairs of equal, mirrored and near images, within and across parts),
`near_duplicates.csv` (these pairs, the first of each kind) and `near_duplicates.png` (the same to
look at), `contact_sheet.png`. Run: `python -m stages.describe`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fashion import cli
from fashion.config.data import Data
from fashion.config.stages import Describe, Plot
from fashion.data_report import contact_sheets, tables
from fashion.data_report.images import Images
from fashion.data_report.near_duplicates import Duplicates
from fashion.io.files import read_csv, read_json, read_npy, write_csv, write_figure
from fashion.plots.style import cmap_of, safe_labels

PARTS = ("train", "validation", "test")
MANY = "; there may be more, since too many are near one another to compare them all"


def main(
    processed: str = "data/processed", reports: str = "reports", params_file: str = "params.yaml"
) -> None:
    """Write the report of the data."""
    params, data, dpi = (
        Describe.load(params_file),
        Data.load(params_file),
        Plot.load(params_file).dpi,
    )
    report, cmap = Path(reports) / "data", cmap_of(data.preprocessing)
    classes = read_json(f"{processed}/classes.json")["classes"]
    arrays = {part: read_npy(f"{processed}/{part}/images.npy") for part in PARTS}
    labels = {part: read_npy(f"{processed}/{part}/labels.npy") for part in PARTS}
    files = read_csv(f"{processed}/files.csv", text_columns=("part", "file"))
    counts = tables.counts(labels, classes)
    write_csv(report / "counts.csv", counts)
    write_csv(report / "sizes.csv", tables.sizes(files, (data.image_height, data.image_width)))
    images = Images([*arrays.values()])
    duplicates = Duplicates(images, params.max_rms)
    tally = tables.Tally(images, np.concatenate([*labels.values()]), params.max_pairs)
    for some in duplicates:
        tally.add(some)
    is_complete, total = duplicates.is_complete, int(tally.counts.sum())
    names = {part: pd.Categorical.from_codes(of, classes) for part, of in labels.items()}
    sources = {part: files["file"][files["part"] == part].to_numpy() for part in PARTS}
    pairs = tally.first()
    shown = tables.pair_table(pairs, images, PARTS, names, sources)
    found = tables.pair_counts(tally.counts, PARTS, is_complete=is_complete)
    write_csv(report / "duplicates.csv", found)
    write_csv(report / "near_duplicates.csv", shown)
    captions = safe_labels(classes)
    both = [(images[pair.first], images[pair.second]) for pair in pairs]
    drawn = shown.replace({"class_1": captions, "class_2": captions})
    many = f"{total}" if is_complete else f"at least {total}"
    title = f"{data.name}: {len(shown)} of {many} pairs of equal, mirrored and near images"
    figure = contact_sheets.pair_sheet(both, drawn, title, cmap)
    write_figure(report / "near_duplicates.png", figure, dpi)
    count = contact_sheets.per_class(len(classes), params.images_per_class)[1]
    rows = [contact_sheets.spread(labels["train"], label, count) for label in range(len(classes))]
    title = f"{data.name}: training images of {len(classes)} classes, and how many of each"
    figure = contact_sheets.contact_sheet(
        [[arrays["train"][row] for row in some] for some in rows],
        [*captions.values()],
        counts["train"].tolist(),
        title,
        cmap,
    )
    write_figure(report / "contact_sheet.png", figure, dpi)
    across = found.loc[found["split_1"] != found["split_2"], "pairs"].sum()
    print(
        f"{len(images)} images of {len(classes)} classes; {many} pairs of equal, mirrored or "
        f"near images, {across} of them across parts{'' if is_complete else MANY}"
    )


if __name__ == "__main__":
    cli.run_stage(main)
