"""`make apply-best` writes what a search found into `params.yaml`, or refuses with advice."""

import json
import shutil

import pytest

from fashion.config.loader import ParamsError, assign
from fashion.config.params import Params
from fashion.io.files import write_yaml
from tests.conftest import ROOT
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
    printed = capsys.readouterr().out.splitlines()
    assert printed[2:] == [
        "models.cnn.fit.warmup: 0.2 -> 0.123",
        "models.cnn.augment.shift: 1 -> 7",
    ]


def test_values_that_are_already_there_leave_the_file_alone(apply, params_file, capsys):
    before = params_file.stat().st_mtime_ns
    apply(augment={"shift": 1})
    assert params_file.stat().st_mtime_ns == before
    assert "already" in capsys.readouterr().out


def test_mappings_are_merged_unless_they_have_another_kind(apply, params_file):
    before = Params.load(params_file).models["cnn"].fit.optimizer
    after = apply(fit={"optimizer": {"kind": "muon", "momentum": 0.5}}).fit.optimizer
    assert after == before.model_copy(update={"momentum": 0.5})
    after = apply(fit={"optimizer": {"kind": "adam"}}).fit.optimizer
    assert after.model_dump() == {"kind": "adam"}


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
        ("network.kind", "mlp"),
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


def test_the_advice_to_take_the_searched_settings_works(
    apply, write_searched, params_file, small_document
):
    network = write_searched({"fit.learning_rate": 0.0123, "augment.cutout": 2})
    with pytest.raises(ParamsError, match=r"take those of .*searched\.yaml; then run `make apply"):
        apply(fit={"warmup": 0.1})
    tta = small_document["models"]["cnn"]["tta"]
    models = small_document["models"] | {"cnn": network | {"tta": tta}}
    write_yaml(params_file, small_document | {"models": models})
    fit = apply(fit={"warmup": 0.1}).fit
    assert (fit.warmup, fit.learning_rate) == (0.1, 0.0123)


def test_unknown_settings_of_the_search_are_reported(apply, capsys):
    apply(fit={"warmup": 0.1})
    assert "settings of models.cnn during the search are not known" in capsys.readouterr().out


def test_the_committed_search_is_refused_since_its_settings_differ(tmp_path):
    path = tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", path)
    with pytest.raises(ParamsError, match=r"filters: expected \[16, 32, 64, 128\], with"):
        main(str(ROOT / "reports/tune/best.yaml"), str(path))
    assert path.read_bytes() == (ROOT / "params.yaml").read_bytes()


@pytest.mark.parametrize("value", ["*cnn", "\n      <<: *cnn\n      tta: none"])
def test_aliases_that_would_change_a_second_network_are_refused(apply, params_file, value):
    text = params_file.read_text("utf-8").replace("  cnn:\n", "  cnn: &cnn\n")
    params_file.write_text(text.replace("\nchampions:", f"\n  wide: {value}\nchampions:"), "utf-8")
    before = params_file.read_bytes()
    with pytest.raises(ParamsError, match="write out the values for which they stand"):
        apply(fit={"warmup": 0.123})
    assert params_file.read_bytes() == before
    assert apply("mlp", fit={"warmup": 0.123}).fit.warmup == 0.123
