"""All of `params.yaml` is checked before the first stage."""

import copy
from pathlib import Path

import pytest

from fashion.config.loader import ParamsError
from tests.conftest import FIT, write_yaml
from tools import validate_params

BACKBONE = "data/backbones/pretrained/missing.keras"


def test_a_missing_backbone_is_named(small_document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = copy.deepcopy(small_document)
    network = {"kind": "pretrained", "backbone": BACKBONE, "backbone_sha256": "0" * 64}
    network |= {"trainable_layers": 0, "dropout": 0.0}
    document["models"]["own"] = document["models"]["cnn"] | {"network": network, "fit": FIT}
    write_yaml(Path("params.yaml"), document)
    with pytest.raises(ParamsError, match=f"models.own.network.backbone: {BACKBONE} is missing"):
        validate_params.main()
    Path(BACKBONE).parent.mkdir(parents=True)
    Path(BACKBONE).touch()
    validate_params.main()
