"""A network as the page needs it: its exported model, its scores and its report.

Inputs: `models/NETWORK.onnx`, `reports/NETWORK/`, `reports/benchmarks/seeds.json`. A model or a
report of another dataset is refused.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import onnx
import pandas as pd
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from benchmarks.seeds import seed_statistics
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_csv, read_json, reading
from tools.page.page_data import PageData

EPOCH = ["epoch", "accuracy", "val_accuracy", "loss", "val_loss"]
METADATA = ("classes", "image_shape", "ood_threshold", "target_fpr", "min_confidence")
TEXTS = ("dataset", "preprocessing")
RESERVED_NAMES = {"site", "reference_images", "experiments"}  # other files in data/
CONFIDENCE_DIGITS = 4
REMEDY = "run `make repro`, or `make champion` for a champion"


class MismatchError(FashionError):
    """A report or a model that does not belong to this dataset."""


def with_results(params: Params, root: Path) -> list[str]:
    """The networks with a model and scores, highest accuracy first.

    Raises `MismatchError` if there are none, or if a name is reserved.
    """
    scores = {
        name: read_json(root / "reports" / name / "metrics.json")[name]["accuracy"]
        for name in params.networks
        if (root / "models" / f"{name}.onnx").exists()
        and (root / "reports" / name / "metrics.json").exists()
    }
    if not scores:
        raise MismatchError(
            "expected models/NETWORK.onnx and reports/NETWORK/metrics.json of a network in "
            "params.yaml, found neither; run `make repro`"
        )
    if reserved := RESERVED_NAMES & scores.keys():
        raise MismatchError(
            f"models.{min(reserved)} in params.yaml: the page uses this name itself; rename the "
            "network"
        )
    return sorted(scores, key=lambda name: -scores[name])


class ExportedModel(NamedTuple):
    """An exported network, read without its weights being used.

    `metadata` are strings, most of them JSON. `bank_indices` (int64 [count], ascending) are the
    reference images among the training images.
    """

    path: Path
    metadata: dict[str, str]
    bank_indices: np.ndarray

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the ONNX file `path`; raises `FileError` if it is not an exported network."""
        with reading(path, "an exported network", DecodeError, KeyError):
            model = onnx.load(path)
            metadata = {entry.key: entry.value for entry in model.metadata_props}
            tensors = {tensor.name: tensor for tensor in model.graph.initializer}
            return cls(path, metadata, numpy_helper.to_array(tensors["bank_indices"]))

    def check(self, dataset_sha256: str) -> None:
        """Raise `MismatchError` unless it was trained on the dataset with this digest."""
        if self.metadata["dataset_sha256"] != dataset_sha256:
            raise MismatchError(
                f"{self.path}: expected a model of the training images in data/processed, found "
                f"one of other images; {REMEDY}"
            )

    def describe(self) -> dict[str, Any]:
        """`Model` of `types.d.ts`."""
        return {
            "file": f"models/{self.path.name}",
            "bytes": self.path.stat().st_size,
            **{key: self.metadata[key] for key in TEXTS},
            **{key: json.loads(self.metadata[key]) for key in METADATA},
        }


def of_other_data(params: Params, root: Path) -> list[ExportedModel]:
    """The models in `models/` of other datasets, which the page offers without results."""
    paths = sorted((root / "models").glob("*.onnx"))
    others = [ExportedModel.load(path) for path in paths if path.stem not in params.networks]
    return [model for model in others if model.metadata["dataset"] != params.data.name]


def describe(name: str, exported: ExportedModel, params: Params, root: Path) -> dict[str, Any]:
    """`Network` of `types.d.ts`."""
    seeds = seed_statistics(params, name, root) or None
    return {
        "name": name,
        "tta": params.networks[name].tta,
        "metrics": read_json(root / "reports" / name / "metrics.json")[name],
        "seeds": seeds and {key: seeds["accuracy"][key] for key in ("n", "mean", "sd")},
        "training_seconds": seeds and seeds["training_seconds"]["median"],
        "instructions": seeds and seeds["machine"]["instructions"],
        "model": exported.describe(),
    }


def read_report(report: Path, data: PageData) -> dict[str, Any]:
    """`NetworkReport` of `types.d.ts`, from the tables in the folder `report`."""
    reliability = read_csv(report / "reliability.csv")
    filled = reliability[reliability["count"] > 0]
    return {
        "history": read_csv(report / "history.csv")[EPOCH].to_dict("records"),
        "per_class": read_csv(report / "per_class.csv", ["class"]).to_dict("records"),
        "reliability": filled[["confidence", "accuracy", "count"]].to_dict("records"),
        "ood": read_csv(report / "ood.csv", ["dataset"]).to_dict("records"),
        "predictions": read_predictions(report / "predictions.csv", data),
    }


def read_predictions(path: Path, data: PageData) -> dict[str, list[Any]]:
    """The columns of the table `path`, with labels instead of class names.

    Raises `MismatchError` unless the rows are the test images of `data`.
    """
    table = with_labels(read_csv(path, ["actual", "predicted"]), data.classes)
    if not np.array_equal(table["actual"], data.test.labels) or table["predicted"].isna().any():
        raise MismatchError(
            f"{path}: expected the {len(data.test.labels):,} test images in data/processed, found "
            f"other images; {REMEDY}"
        )
    return columns(table)


def with_labels(table: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """`table` with labels instead of the class names in its columns `actual` and `predicted`."""
    labels = {name: label for label, name in enumerate(classes)}
    return table.assign(**{name: table[name].map(labels) for name in ("actual", "predicted")})


def columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    """`Predictions` of `types.d.ts`, from a table `with_labels`."""
    return {
        "actual": table["actual"].astype(int).tolist(),
        "predicted": table["predicted"].astype(int).tolist(),
        "confidence": table["confidence"].round(CONFIDENCE_DIGITS).tolist(),
    }
