"""Statistics of seeds: which are trained, which are reused, and to which settings they belong."""

from functools import partial

import pytest

from benchmarks import seeds
from fashion.config.params import Params
from fashion.io.files import read_csv, read_json
from tests.conftest import CLASSES, ROOT

NETWORK = next(iter(Params.load(ROOT / "params.yaml").models))
SCORES = dict.fromkeys(seeds.SCORES, 0.5)


@pytest.fixture
def trained(monkeypatch):
    """The network and seed of each training, which gives made-up scores."""
    trainings = []

    def train_and_evaluate(network, folder, changes):
        seed = changes["train.seed"]
        assert folder == seeds.WORKSPACES / f"{network}-{seed}"
        trainings.append((network, seed))
        return SCORES | {"loss": seed / 10, "training_seconds": 1.0}, [seed, 1, 2]

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(seeds, "train_and_evaluate", train_and_evaluate)
    monkeypatch.setattr(seeds, "pipeline_is_current", lambda *_: False)
    return trainings


@pytest.fixture
def main(trained, tmp_path):
    """`seeds.main` with its report in `tmp_path`."""
    return partial(seeds.main, report=str(tmp_path / "seeds.json"))


def read_network(tmp_path):
    return read_json(tmp_path / "seeds.json")["networks"][NETWORK]


def test_known_runs_are_not_repeated(trained, main, tmp_path):
    main(NETWORK, seeds=range(2))
    main(NETWORK, seeds=range(3))
    assert trained == [(NETWORK, 0), (NETWORK, 1), (NETWORK, 2)]
    table = read_csv(tmp_path / f"predictions/{NETWORK}.csv")
    assert table.to_dict("list") == {f"seed_{seed}": [seed, 1, 2] for seed in range(3)}
    loss = read_network(tmp_path)["loss"]
    assert loss["n"] == 3
    assert loss["interval"][0] < 0.1 < loss["interval"][1]


def test_runs_of_other_settings_are_repeated(trained, main, monkeypatch):
    main(NETWORK, seeds=range(2))
    monkeypatch.setattr(seeds, "settings", lambda *_: {"other": 1})
    main(NETWORK, seeds=range(1))
    assert trained == [(NETWORK, 0), (NETWORK, 1), (NETWORK, 0)]


def test_the_seed_of_the_pipeline_is_not_trained_again(trained, main, tmp_path, monkeypatch):
    monkeypatch.setattr(seeds, "pipeline_is_current", lambda *_: True)
    monkeypatch.setattr(seeds, "read_results", lambda folder, name: (SCORES, [9, 9, 9]))
    main(NETWORK, seeds=range(2))
    assert trained == [(NETWORK, 1)]
    network = read_network(tmp_path)
    assert network["runs"][0] == {"seed": 0, **SCORES}
    assert (network["loss"]["n"], network["training_seconds"]["n"]) == (2, 1)


@pytest.mark.slow
def test_seeds_come_from_the_pipeline_and_from_new_trainings(reproduced, tmp_path):
    out = tmp_path / "seeds.json"  # not in the project, which other tests share
    code = f"from benchmarks.seeds import *; main('cnn', '{out}', range(2))"
    reproduced.run("python", "-c", code)
    first, second = read_json(out)["networks"]["cnn"]["runs"]
    committed = read_json(reproduced.folder / "reports/cnn/metrics.json")["cnn"]
    assert first == {"seed": 0} | {name: committed[name] for name in seeds.SCORES}
    assert second["training_seconds"] > 0
    predictions = read_csv(tmp_path / "predictions/cnn.csv")
    names = read_csv(reproduced.folder / "reports/cnn/predictions.csv", ["predicted"])["predicted"]
    assert [CLASSES[label] for label in predictions["seed_0"]] == names.tolist()
    assert len(predictions["seed_1"]) == len(names)
    assert not (reproduced.folder / seeds.WORKSPACES / "cnn-1").exists()
