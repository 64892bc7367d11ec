"""`tools.tune`, in this process."""

from importlib import import_module

import pytest
from ruamel.yaml import YAML

from fashion.io.files import read_csv, write_yaml
from fashion.tuning import search
from tests.tuning.conftest import SPACE, make_checkout, tune_section
from tools import apply_best
from tools.tune import main

TUNE = tune_section({"kind": "random", "epochs": 1, "trials": 2})


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    import_module("fashion.tuning.figures")  # the key of a search is a digest of all loaded code
    make_checkout(tmp_path, TUNE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "reports/tune").iterdir()}


def load(path):
    return YAML(typ="safe").load(path)


def test_a_search_is_recorded_and_its_best_values_can_be_applied(folder, capsys):
    main()
    trials = read_csv(folder / "reports/tune/trials.csv", text_columns=["trial"])
    best = trials.loc[trials["val_accuracy"].idxmax()]
    values = load(folder / "reports/tune/best.yaml")["models"]["mlp"]
    assert values["fit"] == {"learning_rate": best["fit.learning_rate"]}
    assert values["augment"] == {"flip": best["augment.flip"]}
    assert values["network"]["units"] in SPACE["network.units"]
    searched = load(folder / "reports/tune/searched.yaml")
    assert searched["tune"] == load(folder / "params.yaml")["tune"]
    assert searched["models"]["mlp"]["fit"] == load(folder / "params.yaml")["models"]["mlp"]["fit"]
    assert len(searched["data"]) == 4
    apply_best.main()
    assert "does not tell" not in capsys.readouterr().out
    fit = load(folder / "params.yaml")["models"]["mlp"]["fit"]
    assert fit["learning_rate"] == best["fit.learning_rate"]


def test_the_same_search_again_trains_nothing_and_another_starts_anew(folder, monkeypatch):
    main()
    before = contents(folder)
    with monkeypatch.context() as patch:
        patch.delattr(search, "fit")
        main()
    assert contents(folder) == before
    document = load(folder / "params.yaml")
    document["models"]["mlp"]["fit"]["batch_size"] = 25
    write_yaml(folder / "params.yaml", document)
    main()
    assert len(list((folder / ".runs" / "tune").iterdir())) == 2
