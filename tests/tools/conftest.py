"""A project with the results of an evaluated and exported `mlp`."""

import pytest

from fashion.io.files import write_json
from tests.conftest import CLASSES, write_yaml
from tools.card import FASHION_MNIST

SCORES = {
    "accuracy": 0.9,
    "accuracy_without_tta": 0.88,
    "loss": 0.25,
    "macro_f1": 0.899,
    "top2_accuracy": 0.97,
    "ece": 0.02,
    "balanced_accuracy": 0.9,
    "parameters": 12345,
}
EXPORTED = {"bytes": 1234567, "tolerance": 1e-5, "accuracy": 0.8796}
CLASS_SCORES = "class,precision,recall,f1\n" + "".join(
    f"{name},0.5,0.6,{0.55 if name == 'star' else 0.9}\n" for name in CLASSES
)


@pytest.fixture
def root(tmp_path, small_document):
    report = tmp_path / "reports/mlp"
    write_json(report / "metrics.json", {"mlp": SCORES})
    write_json(report / "export.json", {"onnx": EXPORTED})
    (report / "per_class.csv").write_text(CLASS_SCORES)
    (report / "figures").mkdir()
    for name in ("zebra", "confusion", "confusion_normalized", "curves"):
        (report / "figures" / f"{name}.png").touch()
    write_yaml(tmp_path / "params.yaml", small_document)
    return tmp_path


def rename_report(root, name):
    """Make the results of the `mlp` in the project `root` those of the network `name`."""
    (root / "reports/mlp").rename(root / "reports" / name)
    write_json(root / "reports" / name / "metrics.json", {name: SCORES})


def as_fashion_mnist(params, **changes):
    """`params` whose data are Fashion-MNIST by their digest."""
    file = params.download.files[0].model_copy(update={"sha256": FASHION_MNIST})
    download = params.download.model_copy(update={"files": (file,)})
    return params.model_copy(update={"download": download, **changes})
