"""A search's find, written into `params.yaml`."""

from pathlib import Path

import pytest

from fashion.files import write_yaml
from fashion.params.loading import ParamsError, read
from fashion.params.whole import Params
from tools.apply_best import main

ROOT = Path(__file__).parent.parent.parent


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
    assert "reports/experiments.md" in said[0]
    assert [line.partition(":")[0] for line in said[1:]] == [
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


def test_the_committed_find_can_be_applied(params_file):
    main(str(ROOT / "reports/tune/best.yaml"), str(params_file))
    best = read(ROOT / "reports/tune/best.yaml")["models"]["cnn"]
    assert Params.load(params_file).models["cnn"].fit.warmup == best["fit"]["warmup"]
