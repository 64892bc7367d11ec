"""Benchmarks measure what they say; their results are not tested."""

from functools import partial

import numpy as np
import onnx
import pytest

from benchmarks import serving
from benchmarks.memory import BUDGET_MB, BudgetError, check, repeat
from benchmarks.runs import RunError, prepare_folder, run, workspace
from benchmarks.runtimes import RUNTIMES, WARM, time_calls
from benchmarks.step import training_flops
from fashion.config.params import Params
from fashion.data.idx import read_idx
from fashion.io.files import read_json, write_npy
from fashion.networks.building import build
from tests.conftest import ROOT


def test_a_workspace_has_the_data_and_the_changed_parameters():
    with workspace({"train.seed": 7, "models.mlp.fit.epochs": 1}) as folder:
        params = Params.load(folder / "params.yaml")
        assert (folder / "data").resolve() == ROOT / "data"
    assert (params.train.seed, params.models["mlp"].fit.epochs) == (7, 1)
    assert not folder.exists()


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


def test_a_failed_process_reports_its_output(tmp_path):
    (tmp_path / "broken.py").write_text("raise SystemExit('no such luck')")
    with pytest.raises(RunError, match=r"broken failed with 1:\nno such luck"):
        run("broken", folder=tmp_path)


def test_the_operations_of_a_small_network_are_those_counted_by_hand(small_params):
    network = small_params.models["cnn"].network.model_copy(update={"filters": (2, 3)})
    stem, enter, branch, dense = 8 * 8 * 9 * 2, 8 * 8 * 9 * 2 * 3, 4 * 4 * 9 * 3 * 3, 3 * 5
    backward_to_images = stem
    expected = 2 * (3 * (stem + enter + 2 * branch + dense) - backward_to_images)
    assert training_flops(build(network, (8, 8), 5)) == expected


def test_only_the_training_data_are_repeated(idx_folder, tmp_path):
    repeat(idx_folder, tmp_path / "raw", 3)
    for name, times in (("train", 3), ("t10k", 1)):
        for content, dimensions in (("images-idx3", 3), ("labels-idx1", 1)):
            before, after = (
                read_idx(folder / f"{name}-{content}-ubyte", dimensions)
                for folder in (idx_folder, tmp_path / "raw")
            )
            np.testing.assert_array_equal(after, np.concatenate([before] * times))


def test_a_stage_over_its_budget_is_named():
    row = {"stage": "train@cnn", "images": "28x28", "times": 4, "peak_mb": 9, "budget_mb": 9}
    check([row])
    message = "train@cnn on 28x28 at 4 x: expected at most 9 MB, found 10 MB"
    with pytest.raises(BudgetError, match=message):
        check([row, row | {"peak_mb": 10}])


def test_the_committed_measurements_are_within_the_budgets():
    rows = read_json(ROOT / "reports/benchmarks/memory.json")["runs"]
    assert {row["stage"].partition("@")[0] for row in rows} == set(BUDGET_MB)
    check(rows)


@pytest.fixture
def tiny_model(tmp_path):
    """An ONNX file whose `probabilities` are the pixels divided by 1000."""
    images = onnx.helper.make_tensor_value_info("images", onnx.TensorProto.UINT8, ["count", 28, 28])
    output = onnx.helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, None)
    nodes = [
        onnx.helper.make_node("Cast", ["images"], ["floats"], to=onnx.TensorProto.FLOAT),
        onnx.helper.make_node("Div", ["floats", "thousand"], ["probabilities"]),
    ]
    thousand = onnx.helper.make_tensor("thousand", onnx.TensorProto.FLOAT, [], [1000.0])
    graph = onnx.helper.make_graph(nodes, "tiny", [images], [output], [thousand])
    opsets = [onnx.helper.make_opsetid("", 18)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.save(model, tmp_path / "cnn.onnx")
    return tmp_path / "cnn.onnx"


def test_a_runtime_predicts_the_images_it_is_given(tiny_model):
    predict = RUNTIMES["onnx"](str(tiny_model), 1)
    images = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
    np.testing.assert_allclose(predict(images), images / 1000, rtol=1e-6)


def test_calls_that_warm_up_are_not_timed():
    sizes = []
    images = np.zeros((7, 2, 2), np.uint8)
    seconds = time_calls(lambda batch: sizes.append(len(batch)), images, size=3, calls=5)
    assert len(seconds) == 5
    assert sizes == [3] * (WARM + 5), "only complete batches"


def test_a_format_is_measured_in_a_process_with_each_number_of_threads(tiny_model, monkeypatch):
    data, report = tiny_model.with_name("data"), tiny_model.with_name("serving.json")
    write_npy(data / "processed/test/images.npy", np.zeros((9, 28, 28), np.uint8), np.arange(9))
    monkeypatch.setattr(serving, "ROUNDS", 1)
    monkeypatch.setattr(serving, "COMMAND", "benchmarks.machine")  # which does nothing
    monkeypatch.setattr(serving, "workspace", partial(workspace, data=data))
    serving.main(str(report), tiny_model.parent)
    rows = read_json(report)["runs"]
    assert [(row["runtime"], row["threads"]) for row in rows] == [
        ("ONNX Runtime", threads) for threads in serving.THREADS
    ]
    for row in rows:
        assert row["bytes"] == tiny_model.stat().st_size
        assert 0 < row["latency_ms"] <= row["p95_ms"]
        assert row["first_prediction_s"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("contender", ["pipeline", "keras"])
def test_a_contender_prints_its_speed_last(reproduced, contender):
    done = reproduced.run("python", "-m", "benchmarks.contenders", contender)
    assert float(done.stdout.splitlines()[-1]) > 0


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["keras", "keras_function"])
def test_keras_is_measured_like_other_runtimes(reproduced, runtime):
    path = reproduced.folder / "models/cnn.keras"
    figures = serving.measure(runtime, path, 2, reproduced.folder)
    assert figures.keys() == serving.DIGITS.keys()
    assert all(value > 0 for value in figures.values())
