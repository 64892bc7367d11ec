"""Describe: report class counts, image sizes and duplicates, and draw a contact sheet.

In: `data/processed/`; `describe`, `plot.dpi` and `data` of `params.yaml`. Out, in `reports/data/`:
`counts.csv` (images of each class in each split), `sizes.csv` (original sizes), `groups.csv`
(groups of `preprocess.group_by` in several splits), `duplicates.csv` (pairs of equal, mirrored and
near images, within and across splits), `near_duplicates.csv` and `.png` (the closest of these
pairs), `contact_sheet.png` (images of each class).
Run: `python -m stages.describe`.
"""

from pathlib import Path

from fashion import cli
from fashion.config.data import Data
from fashion.config.stages import Describe, Plot
from fashion.data_report.contact_sheets import contact_sheet, pair_sheet
from fashion.data_report.duplicate_report import report_duplicates
from fashion.data_report.tables import class_counts, image_sizes, split_groups
from fashion.io.files import read_csv, read_json, write_csv, write_figure
from fashion.io.labeled_images import load_split
from fashion.names import with_plural
from fashion.plots.style import cmap_of


def main(
    processed: str = "data/processed", reports: str = "reports", params_file: str = "params.yaml"
) -> None:
    """Write the report of the data."""
    params, data = Describe.load(params_file), Data.load(params_file)
    dpi = Plot.load(params_file).dpi
    report, cmap = Path(reports) / "data", cmap_of(data.preprocessing)
    classes = read_json(f"{processed}/classes.json")["classes"]
    splits = {split: load_split(processed, split) for split in ("train", "validation", "test")}
    files = read_csv(f"{processed}/files.csv", text_columns=("split", "file", "group"))
    labels = {split: images.labels for split, images in splits.items()}
    write_csv(report / "counts.csv", class_counts(labels, classes))
    shape = (data.image_height, data.image_width)
    write_csv(report / "sizes.csv", image_sizes(files, shape))
    groups = split_groups(files, [*splits])
    write_csv(report / "groups.csv", groups)
    duplicates = report_duplicates(
        splits, files, classes, max_rms=params.max_rms, max_pairs=params.max_pairs
    )
    write_csv(report / "duplicates.csv", duplicates.counts)
    write_csv(report / "near_duplicates.csv", duplicates.pairs)
    shown = f"{len(duplicates.pairs)} of {duplicates.total} pairs"
    title = f"{data.name}: {shown} of equal, mirrored and near images"
    figure = pair_sheet(duplicates, classes, title, cmap)
    write_figure(report / "near_duplicates.png", figure, dpi)
    title = f"{data.name}: training images of {len(classes)} classes, and how many of each"
    count = params.images_per_class
    figure = contact_sheet(splits["train"], classes, title, cmap, images_per_class=count)
    write_figure(report / "contact_sheet.png", figure, dpi)
    summary = f"{len(files)} images of {len(classes)} classes; {duplicates.summary()}"
    if "group" in files:
        sizes = files["group"].value_counts()
        summary += f"; {with_plural(len(sizes), 'group')} of {sizes.min()} to {sizes.max()} images"
        summary += f", {len(groups)} of them in several splits"
        summary += ", so the test accuracy is too optimistic" if len(groups) else ""
    print(summary)


if __name__ == "__main__":
    cli.run_stage(main)
