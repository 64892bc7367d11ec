"""Benchmarks measure what they say; their results are not tested."""

from functools import partial

import numpy as np
import onnx
import pytest

from benchmarks import serving
from benchmarks.memory import BUDGET_MB, BudgetError, check, repeat
from benchmarks.runs import Run, RunError, lay_out, run, workspace
from benchmarks.runtimes import RUNTIMES, WARM, timed
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
        lay_out(tmp_path, {"train.seed": seed}, ROOT / "data")
        (tmp_path / ".runs").mkdir(exist_ok=True)
        (tmp_path / f".runs/{seed}").touch()
    assert sorted(path.name for path in (tmp_path / ".runs").iterdir()) == ["1", "2"]
    assert Params.load(tmp_path / "params.yaml").train.seed == 2


def test_a_run_is_timed_and_its_memory_is_seen(tmp_path):
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
def trained(monkeypatch, tmp_path):
    """`seeds.main` in a folder of its own, with made-up scores; which were asked for."""
    asked = []

    def train_and_evaluate(network, folder, changes):
        seed = changes["train.seed"]
        assert folder == seeds.WORKSPACES / f"{network}-{seed}"
        asked.append((network, seed))
        scores = dict.fromkeys(seeds.SCORES, 0.5) | {"loss": seed / 10, "training_seconds": 1.0}
        return scores, [seed, 1, 2]

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(seeds, "train_and_evaluate", train_and_evaluate)
    return asked


def test_a_network_is_trained_with_five_seeds_and_each_is_printed(trained, tmp_path, capsys):
    seeds.main(NETWORK, str(tmp_path / "seeds.json"))
    assert trained == [(NETWORK, seed) for seed in range(5)]
    printed = capsys.readouterr().out.splitlines()
    assert [line.startswith(f"{NETWORK} {{'seed': {n}, ") for n, line in enumerate(printed)] == [
        True
    ] * 5
    assert read_json(tmp_path / "seeds.json")["level"] == 0.99


def test_each_run_is_shown_at_once(trained, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(seeds, "print", lambda *_, flush: shown.append(flush), raising=False)
    seeds.main(NETWORK, str(tmp_path / "seeds.json"), range(2))
    assert shown == [True, True]


def test_runs_that_the_file_holds_are_not_repeated(trained, tmp_path):
    report = str(tmp_path / "seeds.json")
    seeds.main(NETWORK, report, range(2))
    seeds.main(NETWORK, report, range(3))
    assert trained == [(NETWORK, 0), (NETWORK, 1), (NETWORK, 2)]
    predicted = read_csv(seeds.predictions_path(NETWORK, report))
    assert predicted.to_dict("list") == {f"seed_{n}": [n, 1, 2] for n in range(3)}
    loss = read_json(report)["networks"][NETWORK]["loss"]
    assert loss["n"] == 3
    assert loss["interval"][0] < 0.1 < loss["interval"][1]


def test_a_run_whose_predictions_are_lost_is_repeated(trained, tmp_path):
    report = str(tmp_path / "seeds.json")
    seeds.main(NETWORK, report, range(2))
    seeds.predictions_path(NETWORK, report).write_text("seed_1\n1\n1\n2\n")
    seeds.main(NETWORK, report, range(2))
    assert trained == [(NETWORK, 0), (NETWORK, 1), (NETWORK, 0)]
    assert sorted(row["seed"] for row in read_json(report)["networks"][NETWORK]["runs"]) == [0, 1]


def test_runs_of_other_settings_are_repeated(trained, tmp_path, monkeypatch):
    report = str(tmp_path / "seeds.json")
    seeds.main(NETWORK, report, range(2))
    monkeypatch.setattr(seeds, "settings", lambda *_: {"other": 1})
    seeds.main(NETWORK, report, range(1))
    assert trained == [(NETWORK, 0), (NETWORK, 1), (NETWORK, 0)]
    assert read_json(report)["networks"][NETWORK]["loss"]["n"] == 1
    assert [*read_csv(seeds.predictions_path(NETWORK, report))] == ["seed_0"]


def test_predictions_are_empty_without_statistics_of_the_same_settings(
    small_params, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert seeds.predictions("mlp", small_params).empty
    file = tmp_path / "reports/benchmarks/predictions/mlp.csv"
    file.parent.mkdir(parents=True)
    file.write_text("seed_0\n1\n")
    assert seeds.predictions("mlp", small_params).empty
    known = {"settings": settings(small_params, "mlp")}
    write_json(REPORT, {"networks": {"mlp": known}})
    assert seeds.predictions("mlp", small_params).to_dict("list") == {"seed_0": [1]}
    file.unlink()
    assert seeds.predictions("mlp", small_params).empty
    own_images = changed(small_params, "download", files=())
    assert not current(own_images, "mlp"), "nothing tells whether they changed"


def test_a_run_returns_what_its_stages_write_and_removes_its_folder(monkeypatch, tmp_path):
    folder, asked = tmp_path / "mlp-7", []

    def run(module, network, folder):
        asked.append((module, network))
        if module == "stages.evaluate":
            report = folder / "reports" / network
            write_json(report / "metrics.json", dict.fromkeys(seeds.SCORES, 0.5) | {"ece": 0.1})
            (report / "predictions.csv").write_text("actual,predicted\nstar,007\n007,star\n")
            write_json(folder / "data/processed/classes.json", {"classes": ["star", "007"]})
        write_json(folder / f".runs/train@{network}.json", {"seconds": 42})
        return Run(3.0, 100.0, "")

    def lay_out(folder, changes, data):
        asked.append((changes, data))
        folder.mkdir()

    monkeypatch.setattr(seeds, "run", run)
    monkeypatch.setattr(seeds, "lay_out", lay_out)
    changes = {"train.seed": 7}
    scores, predicted = seeds.train_and_evaluate("mlp", folder, changes)
    assert scores == dict.fromkeys(seeds.SCORES, 0.5) | {"training_seconds": 42}
    assert predicted == [1, 0]
    stages = [("stages.train", "mlp"), ("stages.evaluate", "mlp")]
    assert asked == [(changes, ROOT / "data"), *stages]
    assert not folder.exists()


def test_every_network_is_trained_and_an_unknown_one_is_refused(trained, tmp_path):
    seeds.main("", str(tmp_path / "seeds.json"), range(1))
    assert [network for network, _ in trained] == list(Params.load().models)
    with pytest.raises(seeds.SeedsError, match="; received resnet"):
        seeds.main("resnet", str(tmp_path / "seeds.json"))


@pytest.mark.slow
def test_a_seed_is_trained_and_evaluated_as_stages_do(reproduced, tmp_path):
    out = tmp_path / "seeds.json"  # not in the project, which other tests share
    done = reproduced.run(
        "python", "-c", f"from benchmarks.seeds import *; main('cnn', '{out}', range(1))"
    )
    report = read_json(out)["networks"]["cnn"]["runs"][0]
    committed = read_json(reproduced.folder / "reports/cnn/metrics.json")
    assert {name: report[name] for name in seeds.SCORES} == {
        name: committed[name] for name in seeds.SCORES
    }
    assert report["training_seconds"] > 0
    predicted = read_csv(tmp_path / "predictions/cnn.csv")["seed_0"]
    names = read_csv(reproduced.folder / "reports/cnn/predictions.csv", ["predicted"])["predicted"]
    assert [CLASSES[label] for label in predicted] == names.tolist()
    assert done.stdout.startswith("cnn {")


@pytest.mark.slow
@pytest.mark.parametrize("contender", ["pipeline", "keras"])
def test_a_contender_prints_its_rate_last(reproduced, contender):
    done = reproduced.run("python", "-m", "benchmarks.contenders", contender)
    assert float(done.stdout.splitlines()[-1]) > 0


@pytest.fixture
def tiny_models(tmp_path):
    """An ONNX file by the contract's names whose probabilities are the pixels in thousands."""
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
    seconds = timed(lambda batch: sizes.append(len(batch)), images, size=3, calls=5)
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
