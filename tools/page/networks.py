"""A network as the page shows it: its exported model, its scores and its committed report.

In: `models/NETWORK.onnx`, `reports/NETWORK/`, `reports/benchmarks/seeds.json`. What does not belong
to the data set, because one of them was made anew and the other was not, is refused.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from benchmarks.seeds import seed_statistics
from fashion.config.params import Params
from fashion.errors import FashionError
from fashion.io.files import read_csv, read_json, reading
from tools.page.dataset import DataSet

EPOCH = ["epoch", "accuracy", "val_accuracy", "loss", "val_loss"]
TAKEN = {"site", "train"}  # names of files in data/
DIGITS = 4  # of a confidence


class MismatchError(FashionError):
    """A report or a model that is not of this data set."""


def with_results(params: Params, root: Path) -> list[str]:
    """The networks that have a model and scores, the most accurate first; at least one."""
    scores = {
        name: read_json(root / "reports" / name / "metrics.json")["accuracy"]
        for name in params.networks
        if (root / "models" / f"{name}.onnx").exists()
        and (root / "reports" / name / "metrics.json").exists()
    }
    if not scores:
        raise MismatchError(
            "expected models/NETWORK.onnx and reports/NETWORK/metrics.json of a network of "
            "params.yaml, found neither; `dvc repro` makes them"
        )
    if TAKEN & scores.keys():
        raise MismatchError(
            f"models.{min(TAKEN & scores.keys())} in params.yaml: the page has a file of this name "
            "already; name the network otherwise"
        )
    return sorted(scores, key=lambda name: -scores[name])


class Exported(NamedTuple):
    """What `models/NETWORK.onnx` says of itself.

    `rows` (int64 [kept], ascending) are the training images that it compares with; `metadata` are
    strings, most of them JSON.
    """

    path: Path
    metadata: dict[str, str]
    rows: np.ndarray

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file `path`."""
        with reading(path, "an exported network", DecodeError, KeyError):
            model = onnx.load(path)
            metadata = {entry.key: entry.value for entry in model.metadata_props}
            tensors = {tensor.name: tensor for tensor in model.graph.initializer}
            return cls(path, metadata, numpy_helper.to_array(tensors["kept_rows"]))

    def check(self, data: DataSet, digest: str) -> None:
        """Raise `MismatchError` unless the training images of `data` are those it was made from."""
        last = len(data.train.labels) - 1
        if self.metadata["data_sha256"] != digest or self.rows.max() > last:
            raise MismatchError(
                f"{self.path}: made from other training images than those of data/processed; "
                "`make repro`, for a champion `make champion`, makes it anew"
            )

    def describe(self) -> dict[str, Any]:
        """`Model` of `types.d.ts`."""
        value = {
            key: json.loads(self.metadata[key])
            for key in ("classes", "image_shape", "ood_threshold", "target_fpr")
        }
        return {
            "file": f"models/{self.path.name}",
            "bytes": self.path.stat().st_size,
            **value,
            "min_confidence": json.loads(self.metadata["min_confidence"]),
            "preprocessing": self.metadata["preprocessing"],
        }


def describe(name: str, exported: Exported, params: Params, root: Path) -> dict[str, Any]:
    """`Network` of `types.d.ts`."""
    report, model = root / "reports" / name, params.networks[name]
    known = seed_statistics(params, name, root) or None
    return {
        "name": name,
        "tta": model.tta,
        "metrics": read_json(report / "metrics.json"),
        "seeds": known and {key: known["accuracy"][key] for key in ("n", "mean", "sd")},
        "training_seconds": known and known["training_seconds"]["median"],
        "instructions": known and known["machine"]["instructions"],
        "formats": read_json(report / "export.json"),
        "model": exported.describe(),
    }


def read_report(report: Path, data: DataSet) -> dict[str, Any]:
    """`NetworkReport` of `types.d.ts`, from the tables in `report`."""
    reliability = read_csv(report / "reliability.csv")
    filled = reliability[reliability["count"] > 0]
    return {
        "history": read_csv(report / "history.csv")[EPOCH].to_dict("records"),
        "per_class": read_csv(report / "per_class.csv", ["class"]).to_dict("records"),
        "reliability": filled[["confidence", "accuracy", "count"]].to_dict("records"),
        "unfamiliar": read_csv(report / "ood.csv", ["kind"]).to_dict("records"),
        "predictions": dict(read_predictions(report / "predictions.csv", data)),
    }


def read_predictions(path: Path, data: DataSet) -> Iterator[tuple[str, list[Any]]]:
    """The columns of the table `path`, labels instead of names.

    Raises `MismatchError` unless its rows are the test images of `data`.
    """
    table = read_csv(path, ["actual", "predicted"])
    labels = {name: label for label, name in enumerate(data.classes)}
    columns = {name: table[name].map(labels) for name in ("actual", "predicted")}
    same = np.array_equal(columns["actual"], data.test.labels)
    if not same or columns["predicted"].isna().any():
        raise MismatchError(
            f"{path}: expected the {len(data.test.labels):,} test images of data/processed in "
            "their order, received others; `make repro`, for a champion `make champion`, makes it "
            "anew"
        )
    for name, column in columns.items():
        yield name, column.astype(int).tolist()
    yield "confidence", table["confidence"].round(DIGITS).tolist()
