"""Benchmarks measure what they say; their results are not tested."""

import pytest

from benchmarks.memory import BUDGET_MB, BudgetError, check
from benchmarks.runs import prepare_folder, run
from benchmarks.step import training_flops
from fashion.config.params import Params
from fashion.io.files import read_json
from fashion.networks.building import build
from tests.conftest import ROOT


def test_a_folder_that_is_laid_out_again_keeps_its_checkpoints(tmp_path):
    for seed in (1, 2):
        prepare_folder(tmp_path, {"train.seed": seed}, ROOT / "data")
        (tmp_path / ".runs").mkdir(exist_ok=True)
        (tmp_path / f".runs/{seed}").touch()
    assert sorted(path.name for path in (tmp_path / ".runs").iterdir()) == ["1", "2"]
    assert Params.load(tmp_path / "params.yaml").train.seed == 2


def test_time_and_memory_of_a_process_are_measured(tmp_path):
    (tmp_path / "grow.py").write_text(
        "import time; print('one'); held = b'x' * 200_000_000; time.sleep(0.5)\nprint('two')"
    )
    measured = run("grow", folder=tmp_path)
    assert measured.printed == "one\ntwo\n"
    assert measured.seconds >= 0.5
    assert 200 < measured.peak_mb < 300


def test_the_operations_of_a_small_network_are_those_counted_by_hand(small_params):
    network = small_params.models["cnn"].network.model_copy(update={"filters": (2, 3)})
    stem, enter, branch, dense = 8 * 8 * 9 * 2, 8 * 8 * 9 * 2 * 3, 4 * 4 * 9 * 3 * 3, 3 * 5
    backward_to_images = stem
    expected = 2 * (3 * (stem + enter + 2 * branch + dense) - backward_to_images)
    assert training_flops(build(network, (8, 8), 5)) == expected


def test_a_stage_over_its_budget_is_named():
    row = {"stage": "train@cnn", "images": "28x28", "times": 4, "peak_mb": 9, "budget_mb": 9}
    check([row])
    message = "train@cnn on 28x28 at 4 x: expected at most 9 MB, found 10 MB"
    with pytest.raises(BudgetError, match=message):
        check([row, row | {"peak_mb": 10}])


@pytest.mark.usefixtures("fashion_mnist")
def test_the_committed_measurements_are_within_the_budgets():
    rows = read_json(ROOT / "reports/benchmarks/memory.json")["runs"]
    assert {row["stage"].partition("@")[0] for row in rows} == set(BUDGET_MB)
    check(rows)
