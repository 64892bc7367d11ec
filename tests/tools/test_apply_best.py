"""`make apply-best` writes what a search found into `params.yaml`, or refuses with advice."""

import json

import pytest

from fashion.config.loader import ParamsError, assign
from fashion.config.params import Params
from fashion.io.files import write_yaml
from tools.apply_best import main


@pytest.fixture
def params_file(tmp_path, small_document):
    path = tmp_path / "params.yaml"
    write_yaml(path, small_document)
    path.write_text(path.read_text("utf-8").replace("shift: 1\n", "shift: 1 # pixels\n"))
    return path


@pytest.fixture
def apply(tmp_path, params_file):
    """Apply the `sections` of `network` as the best ones; the network's settings after that."""

    def apply(network="cnn", **sections):
        write_yaml(tmp_path / "best.yaml", {"models": {network: sections}})
        main(str(tmp_path / "best.yaml"), str(params_file))
        return Params.load(params_file).models[network]

    return apply


@pytest.fixture
def write_searched(tmp_path, small_document):
    """Write `searched.yaml`: the settings of the `cnn` during the search, with `changes`."""

    def write_searched(changes):
        network = json.loads(json.dumps(small_document["models"]["cnn"]))
        del network["tta"]
        for name, value in changes.items():
            assign(network, name, value)
        content = {"tune": {"space": {"fit.warmup": [0.1]}}, "models": {"cnn": network}}
        write_yaml(tmp_path / "searched.yaml", content)
        return network

    return write_searched


def test_the_best_values_are_written_and_nothing_else(apply, params_file, capsys):
    before = params_file.read_text("utf-8").splitlines()
    apply(fit={"warmup": 0.123}, augment={"shift": 7})
    after = params_file.read_text("utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        "      shift: 7 # pixels",
        "      warmup: 0.123",
    ]
    assert "models.cnn.fit.warmup: 0.2 -> 0.123\n" in capsys.readouterr().out


def test_invalid_values_are_not_written(apply, params_file):
    before = params_file.read_bytes()
    with pytest.raises(ParamsError, match=r"best\.yaml: models\.cnn\.augment\.shfit"):
        apply(augment={"shfit": 3})
    assert params_file.read_bytes() == before


def test_the_best_values_of_the_same_settings_can_be_applied_again(apply, write_searched, capsys):
    write_searched({"fit.warmup": 0.3, "fit.epochs": 77})  # searched, and set by the search
    for _ in range(2):
        assert apply(fit={"warmup": 0.1}).fit.warmup == 0.1
    assert "not known" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network.filters", [2, 2]),
        ("fit.warmup_steps", 3),
        ("fit.optimizer", {"kind": "adam"}),
        ("augment.flip", None),
    ],
)
def test_the_best_values_of_other_settings_are_refused(
    apply, write_searched, params_file, name, value
):
    before = params_file.read_bytes()
    write_searched({name: value})
    with pytest.raises(ParamsError, match=rf"models\.cnn\.{name}.*: expected .*; received "):
        apply(fit={"warmup": 0.1})
    assert params_file.read_bytes() == before


def test_aliases_that_would_change_a_second_network_are_refused(apply, params_file):
    text = params_file.read_text("utf-8").replace("  cnn:\n", "  cnn: &cnn\n")
    params_file.write_text(text.replace("\nchampions:", "\n  wide: *cnn\nchampions:"), "utf-8")
    before = params_file.read_bytes()
    with pytest.raises(ParamsError, match="write out the values for which they stand"):
        apply(fit={"warmup": 0.123})
    assert params_file.read_bytes() == before
