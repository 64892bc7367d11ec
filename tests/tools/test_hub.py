"""The folder for the Hugging Face Hub is complete, and Keras opens it."""

import re

import keras
import numpy as np
import pytest

from fashion.models.saving import write_model
from fashion.networks.building import build
from tests.conftest import CLASSES, SHAPE, write_yaml
from tools import hub


@pytest.fixture
def root(root, small_params, small_document):
    """With the models of the `mlp`, which is the only network."""
    model = build(small_params.models["mlp"].network, SHAPE, len(CLASSES))
    write_model(root / "models/mlp.keras", model)
    (root / "models/mlp.onnx").write_bytes(b"an ONNX file")
    models = {"mlp": small_document["models"]["mlp"]}
    tune = small_document["tune"] | {"network": "mlp"}
    write_yaml(root / "params.yaml", small_document | {"models": models, "tune": tune})
    return root


def write_hub(root):
    hub.main(str(root / "hub"), root)
    return root / "hub"


def test_the_folder_has_everything_that_the_card_names(root, capsys):
    folder = write_hub(root) / "mlp"
    text = (folder / "README.md").read_text()
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (folder / link).is_file()] == []
    assert "`model.onnx`" in text
    assert (folder / "model.onnx").read_bytes() == b"an ONNX file"
    assert (folder / "labels.txt").read_text().splitlines() == CLASSES
    assert f"hf upload USER/mlp {folder} ." in capsys.readouterr().out


def test_keras_opens_the_folder_like_the_archive(root):
    folder = write_hub(root) / "mlp"
    images = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), dtype=np.uint8)
    expected, found = (
        keras.saving.load_model(path, safe_mode=True).predict(images, verbose=0)
        for path in (root / "models/mlp.keras", folder)
    )
    np.testing.assert_array_equal(found, expected)
