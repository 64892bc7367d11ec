"""A search's find, written into `params.yaml`."""

import json
import shutil
from copy import deepcopy

import pytest

from fashion.config.loader import ParamsError, assign, read
from fashion.config.params import Params
from fashion.io.files import write_yaml
from tests.conftest import ROOT
from tools import apply_best
from tools.apply_best import main, merge

BEST = str(ROOT / "reports/tune/best.yaml")


@pytest.fixture
def params_file(tmp_path, small_document):
    path = tmp_path / "params.yaml"
    write_yaml(path, small_document)
    path.write_text(path.read_text("utf-8").replace("shift: 1\n", "shift: 1 # pixels\n"))
    return path


@pytest.fixture
def apply(tmp_path, params_file):
    def apply(**sections):
        write_yaml(tmp_path / "best.yaml", {"models": {"cnn": sections}})
        main(str(tmp_path / "best.yaml"), str(params_file))

    return apply


def test_the_best_values_are_written_and_nothing_else(apply, params_file, capsys):
    before = params_file.read_text("utf-8").splitlines()
    apply(network={"kernel_size": 7}, fit={"warmup": 0.123}, augment={"shift": 7})
    model = Params.load(params_file).models["cnn"]
    assert (model.network.kernel_size, model.fit.warmup, model.augment.shift) == (7, 0.123, 7)
    after = params_file.read_text("utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        "      kernel_size: 7",
        "      shift: 7 # pixels",
        "      warmup: 0.123",
    ]
    said = capsys.readouterr().out.splitlines()
    assert "reports/experiments.md" in said[1]
    assert [line.partition(":")[0] for line in said[2:]] == [
        "models.cnn.network.kernel_size",
        "models.cnn.fit.warmup",
        "models.cnn.augment.shift",
    ]


def test_a_mapping_of_another_kind_is_replaced_as_a_whole(apply, params_file):
    apply(fit={"optimizer": {"kind": "adam"}})
    assert Params.load(params_file).models["cnn"].fit.optimizer.model_dump() == {"kind": "adam"}


def test_a_mapping_of_the_same_kind_keeps_what_is_not_given(apply, params_file):
    before = Params.load(params_file).models["cnn"].fit.optimizer
    apply(fit={"optimizer": {"kind": "muon", "momentum": 0.5}})
    after = Params.load(params_file).models["cnn"].fit.optimizer
    assert after == before.model_copy(update={"momentum": 0.5})


def test_values_that_are_there_already_leave_the_file_alone(apply, params_file, capsys):
    before = params_file.stat().st_mtime_ns
    apply(network={"kernel_size": Params.load(params_file).models["cnn"].network.kernel_size})
    assert params_file.stat().st_mtime_ns == before
    assert "already" in capsys.readouterr().out


def test_values_that_the_pipeline_refuses_are_not_written(apply, params_file):
    before = params_file.read_bytes()
    with pytest.raises(ParamsError, match=r"best\.yaml: models\.cnn\.network\.kernel_sise"):
        apply(network={"kernel_sise": 3})
    assert params_file.read_bytes() == before


def test_the_committed_find_is_refused_beside_other_settings_than_were_searched(tmp_path):
    path = tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", path)
    with pytest.raises(
        ParamsError, match=r"cnn\.network\.filters: expected \[16, 32, 64, 128\], with"
    ):
        main(BEST, str(path))
    assert path.read_bytes() == (ROOT / "params.yaml").read_bytes()


@pytest.fixture
def searched(tmp_path, small_document):
    """Writes what was searched: `small_document`, but for what is given by dotted name."""

    def searched(**changes):
        network = json.loads(json.dumps(small_document["models"]["cnn"]))
        del network["tta"]
        for name, value in changes.items():
            assign(network, name, value)
        content = {"tune": {"space": {"fit.warmup": [0.1]}}, "models": {"cnn": network}}
        write_yaml(tmp_path / "searched.yaml", content)
        return network

    return searched


def test_what_was_searched_with_these_settings_is_applied_again_and_again(
    apply, searched, params_file, capsys
):
    searched(**{"fit.warmup": 0.3, "fit.epochs": 77})
    for _ in range(2):
        apply(fit={"warmup": 0.1})
    assert Params.load(params_file).models["cnn"].fit.warmup == 0.1
    assert "does not tell" not in capsys.readouterr().out


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
def test_what_was_searched_with_other_settings_is_refused(
    apply, searched, params_file, name, value
):
    before = params_file.read_bytes()
    searched(**{name: value})
    with pytest.raises(ParamsError, match=rf"models\.cnn\.{name}.*: expected .*; received "):
        apply(fit={"warmup": 0.1})
    assert params_file.read_bytes() == before


def test_the_advice_to_take_the_settings_that_were_searched_works(
    apply, searched, params_file, small_document
):
    network = searched(**{"fit.learning_rate": 0.0123, "augment.cutout": 2})
    with pytest.raises(ParamsError, match=r"take those of .*searched\.yaml; then run `make apply"):
        apply(fit={"warmup": 0.1})
    small_document["models"]["cnn"] |= network
    write_yaml(params_file, small_document)
    apply(fit={"warmup": 0.1})
    fit = Params.load(params_file).models["cnn"].fit
    assert (fit.warmup, fit.learning_rate) == (0.1, 0.0123)


def test_a_find_of_which_nothing_tells_the_settings_is_applied_and_that_is_said(apply, capsys):
    apply(fit={"warmup": 0.1})
    assert (
        "searched.yaml: does not tell with which settings of models.cnn" in capsys.readouterr().out
    )


ALIASES = {
    "merge key": "<<: *cnn\n    tta: none",
    "merge keys": "<<: [*cnn]\n    tta: none",
    "overriding": "<<: *cnn\n    augment: {flip: true, shift: 3, cutout: 0}",
    "merge key below": "<<: *cnn\n    fit:\n      <<: *fit\n      epochs: 3",
}


@pytest.mark.parametrize("searched_network", ["cnn", "wide"])
@pytest.mark.parametrize("aliases", ALIASES)
@pytest.mark.parametrize(
    "found",
    [
        {"fit": {"warmup": 0.123, "learning_rate": 0.0321}},
        {"fit": {"optimizer": {"kind": "adam"}}, "network": {"kernel_size": 7}},
        {"augment": {"cutout": 7}, "fit": {"selection": {"fraction": 0.75}}},
    ],
    ids=["numbers", "mappings", "below"],
)
def test_a_network_that_shares_values_by_aliases_changes_alone(
    tmp_path, params_file, aliases, searched_network, found
):
    text = with_aliases(params_file.read_text("utf-8"), aliases)
    params_file.write_text(text, "utf-8")
    wanted = json.loads(json.dumps(read(params_file)))
    list(merge(wanted["models"][searched_network], found))
    write_yaml(tmp_path / "best.yaml", {"models": {searched_network: found}})
    main(str(tmp_path / "best.yaml"), str(params_file))
    assert read(params_file) == wanted
    after = params_file.read_text("utf-8")
    assert after.count("# pixels") == 1
    assert "<<: " in after, "what is still equal is still shared"


def with_aliases(text, name):
    """`text` with a network `wide` after `cnn` that takes values from it."""
    before, cnn, after = text.partition("  cnn:\n")
    after, champions, rest = after.partition("\nchampions:")
    cnn, after = cnn.replace(":", ": &cnn"), after.replace("    fit:\n", "    fit: &fit\n")
    return f"{before}{cnn}{after}\n  wide:\n    {ALIASES[name]}\n{champions}{rest}"


@pytest.mark.parametrize("searched_network", ["cnn", "wide"])
def test_a_list_or_mapping_shared_by_an_alias_changes_at_one_place(
    tmp_path, params_file, small_document, searched_network
):
    document = deepcopy(small_document)  # which other tests share
    shared, wide = document["models"]["cnn"], deepcopy(document["models"]["cnn"])
    wide["network"]["filters"] = shared["network"]["filters"]
    wide["fit"]["selection"] = shared["fit"]["selection"]
    document["models"]["wide"] = wide
    write_yaml(params_file, document)
    assert params_file.read_text("utf-8").count("*id") == 2
    before = read(params_file)["models"]
    filters = [3, *before["cnn"]["network"]["filters"][1:]]
    found = {"network": {"filters": filters}, "fit": {"selection": {"fraction": 0.75}}}
    write_yaml(tmp_path / "best.yaml", {"models": {searched_network: found}})
    main(str(tmp_path / "best.yaml"), str(params_file))
    after = read(params_file)["models"]
    assert after[searched_network]["network"]["filters"] == filters
    assert after[searched_network]["fit"]["selection"]["fraction"] == 0.75
    other = {"cnn": "wide", "wide": "cnn"}[searched_network]
    assert after[other] == before[other]


def test_aliases_that_cannot_be_kept_apart_are_refused(apply, params_file, monkeypatch):
    before = params_file.read_bytes()
    monkeypatch.setattr(apply_best, "_update", lambda *_: None)
    with pytest.raises(ParamsError, match="write out the values for which they stand"):
        apply(fit={"warmup": 0.1})
    assert params_file.read_bytes() == before
