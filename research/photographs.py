"""Compare networks on photographs of clothing: from scratch, and with a pretrained backbone.

In: the folder of the data set (examples/clothing.yaml says where to get it), and
`research/photographs.yaml`: the network of each training, the size of its images, how many images
per class it is trained on (by default all; otherwise the first in the order of their names), and
what differs from `params.yaml` with the lines of `examples/clothing.yaml`.
Out: `reports/photographs/seeds.csv`, a row per training and seed, and `README.md` beside it.
Run: `python -m research.photographs FOLDER`. Rows that the table has are not trained again. If
interrupted, it resumes after the last complete epoch.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.machine import describe
from benchmarks.runs import prepare_folder, run, training_seconds
from fashion import cli
from fashion.config.loader import check, read
from fashion.config.model import Model
from fashion.config.section import Section
from fashion.io.files import read_csv, read_json, write_csv, write_text
from tools.checkout import ROOT
from tools.markdown import render
from tools.new_project import with_lines

TRAININGS = "research/photographs.yaml"
LINES = "examples/clothing.yaml"
TABLE = Path("reports/photographs/seeds.csv")
FOLDER = Path(".runs/photographs")
PERCENTAGES = {
    "accuracy": "accuracy",
    "without TTA": "accuracy_without_tta",
    "balanced accuracy": "balanced_accuracy",
}
MEGABYTE = 1e6


class Training(Section):
    """A network, what it is trained on, and the `changes` of its settings, by dotted name."""

    network: str
    image_size: int
    images_per_class: int | None = None
    changes: Mapping[str, Any]


class Trainings(Section):
    """`research/photographs.yaml`."""

    seeds: Sequence[int]
    trainings: Mapping[str, Training]


def main(photographs: str) -> None:
    """Run the trainings that the table lacks on the data set in the folder `photographs`."""
    config = load()
    rows: list[dict[Any, Any]] = read_csv(TABLE).to_dict("records") if TABLE.exists() else []
    known = {(row["training"], row["seed"]) for row in rows}
    for name, training in config.trainings.items():
        for seed in config.seeds:
            if (name, seed) not in known:
                scores = train(name, training, seed, Path(photographs).resolve())
                rows.append({"training": name, "seed": seed, **scores})
                write_report(rows)
                print(rows[-1], flush=True)


def write_report(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the table of all seeds, and the page with their means."""
    write_csv(TABLE, pd.DataFrame(rows))
    page = render("photographs.md.jinja", rows=summary(rows), machine=describe())
    write_text(TABLE.with_name("README.md"), page)


def load() -> Trainings:
    """The trainings to compare; raises `ParamsError` if the file has faults."""
    return check(Trainings, read(TRAININGS), TRAININGS)


def train(name: str, training: Training, seed: int, photographs: Path) -> dict[str, Any]:
    """The scores of one training, with its seconds and the size of the model."""
    changes = parameters(training) | {"train.seed": seed}
    folder = FOLDER / f"{name}-{seed}"
    prepare_folder(folder, changes, preprocess(training, changes, photographs))
    run("stages.train", training.network, folder=folder)
    run("stages.evaluate", training.network, folder=folder)
    metrics = read_json(folder / f"reports/{training.network}/metrics.json")[training.network]
    scores = {column: metrics[column] for column in PERCENTAGES.values()}
    scores["seconds"] = int(training_seconds(training.network, folder))
    model = folder / f"models/{training.network}.keras"
    scores["megabytes"] = round(model.stat().st_size / MEGABYTE, 1)
    shutil.rmtree(folder)
    return scores


def parameters(training: Training) -> dict[str, Any]:
    """The sections of `params.yaml` for `training`."""
    document = read(ROOT / "params.yaml")
    known = dict(document["models"])
    with_lines(document, read(ROOT / LINES))
    known |= document["models"]
    size = {"image_height": training.image_size, "image_width": training.image_size}
    model = Model.model_validate(known[training.network]).with_values(training.changes)
    return document | {
        "data": document["data"] | size,
        "models": {training.network: model.model_dump(mode="json")},
    }


def preprocess(training: Training, changes: Mapping[str, Any], photographs: Path) -> Path:
    """The folder `data` with the preprocessed images of `training`, made if missing."""
    count = training.images_per_class
    folder = FOLDER / f"{training.image_size}-{count or 'all'}"
    if not (folder / "data/processed/files.csv").exists():
        raw = folder / "data/raw"
        shutil.rmtree(raw, ignore_errors=True)
        shutil.copytree(photographs, raw)
        for images in (raw / "train").iterdir() if count else ():
            for image in sorted(images.iterdir())[count:]:
                image.unlink()
        prepare_folder(folder, changes, ROOT / "data/backbones", "data/backbones")
        run("stages.preprocess", folder=folder)
    return folder / "data"


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Mean and standard deviation over the seeds of each training, as text."""
    return [
        {
            "training": str(name),
            "seeds": str(len(group)),
            **{title: percent(group[column]) for title, column in PERCENTAGES.items()},
            "minutes": f"{group['seconds'].median() / 60:.1f}".replace("nan", "-"),
            "MB": f"{group['megabytes'].iloc[0]:.1f}",
        }
        for name, group in pd.DataFrame(rows).groupby("training", sort=False)
    ]


def percent(values: pd.Series) -> str:
    """Mean and, of several `values`, standard deviation in percent."""
    deviation = f" ± {100 * values.std():.1f}" if len(values) > 1 else ""
    return f"{values.mean():.1%}{deviation}"


if __name__ == "__main__":
    cli.run(main, "photographs", resumes_after="epoch")
