"""Training by several processes and devices: the weights of one, resumable, and one writes."""

import json
import time

import numpy as np
import pytest

from fashion.config.model import Fit
from fashion.training import distribution
from fashion.training.checkpoints import Checkpoint
from fashion.training.distribution import DistributionError, SharedCheckpoint, check_agreement
from fashion.training.loop import TrainingError, steps_by_epoch
from tests.conftest import FIT, MODELS, ROOT, another_machine, change_params, free_ports
from tools.checkout import Checkout

TOLERANCE = 2e-3  # for weights of about 1, after steps that magnify rounding errors
MINUTES = 2


def task(ports, index):
    hosts = [f"127.0.0.1:{port}" for port in ports]
    task = {"type": "worker", "index": index}
    return json.dumps({"cluster": {"worker": hosts}, "task": task})


@pytest.fixture
def be_worker(monkeypatch):
    """A function that makes this process worker `index` of two; worker 0 is the chief."""

    def be(index):
        monkeypatch.setenv("TF_CONFIG", task([1, 2], index))

    monkeypatch.delenv("TF_CONFIG", raising=False)
    return be


@pytest.mark.parametrize(("index", "is_chief"), [(0, True), (1, False)])
def test_only_the_chief_saves_and_loads_its_state(
    be_worker, tmp_path, monkeypatch, index, is_chief
):
    logs, arrays, sent = [{"loss": 0.5}], [np.arange(3.0)], []
    be_worker(index)
    monkeypatch.setattr(distribution, "from_chief", lambda content: sent.append(content) or content)
    checkpoint = SharedCheckpoint(tmp_path / "state.npz", "key")
    assert checkpoint.load() is None
    checkpoint.save(logs, arrays)
    assert (tmp_path / "state.npz").exists() == is_chief
    Checkpoint(tmp_path / "state.npz", "key").save(logs, arrays)
    state = checkpoint.load()
    if is_chief:
        assert (state.logs, state.arrays[0].tolist()) == (logs, [0, 1, 2])
    else:
        assert (sent, state) == ([b"", b""], None), "a worker sends nothing"


def test_a_worker_whose_key_is_not_the_chiefs_does_not_train(be_worker, monkeypatch):
    be_worker(1)
    monkeypatch.setattr(distribution, "from_chief", lambda content: b"chief's")
    check_agreement("chief's")
    with pytest.raises(DistributionError, match="of this worker differ from the chief's"):
        check_agreement("other's")


@pytest.fixture
def settings(tmp_path):
    """A file with a network with normalisation, trained by Muon at a low learning rate."""
    document = json.loads(json.dumps(MODELS["cnn"]))
    document["fit"] |= {
        "learning_rate": 0.002, "warmup": 0.0, "epochs": 1, "batch_size": 80, "ema_momentum": 0.9,
    }  # fmt: skip
    (tmp_path / "settings.json").write_text(json.dumps(document))
    return str(tmp_path / "settings.json")


def trained(path):
    with np.load(path) as content:
        values = {name: content[name] for name in content.files}
    return json.loads(str(values.pop("history"))), values


def compare(one, many):
    (one_history, one_weights), (many_history, many_weights) = one, many
    assert one_weights.keys() == many_weights.keys()
    assert any("moving_variance" in name for name in one_weights)
    for name, values in one_weights.items():
        np.testing.assert_allclose(
            many_weights[name], values, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name
        )
    for name, values in one_history.items():
        assert many_history[name] == pytest.approx(values, abs=0.02), name


def start_training(settings, weights, *arguments, **variables):
    root = Checkout(ROOT, PYTHONPATH=str(ROOT), **variables)
    module = ("python", "-m", "tests.training.training_process")
    return root.start(*module, settings, str(weights), *arguments)


def finish(process):
    printed = process.communicate(timeout=60 * MINUTES)[0]
    assert process.returncode == 0, printed[-2000:]


@pytest.fixture
def alone(settings, tmp_path):
    finish(start_training(settings, tmp_path / "alone.npz"))
    return trained(tmp_path / "alone.npz")


@pytest.mark.slow
def test_two_processes_train_the_weights_of_one(settings, alone, tmp_path):
    ports = free_ports(2)
    files = [tmp_path / f"{index}.npz" for index in range(2)]
    processes = [
        start_training(settings, file, TF_CONFIG=task(ports, index))
        for index, file in enumerate(files)
    ]
    for process in processes:
        finish(process)
    first, second = map(trained, files)
    compare(alone, first)
    assert first[0] == second[0]
    for name, values in first[1].items():
        np.testing.assert_array_equal(second[1][name], values, err_msg=name)


@pytest.mark.slow
def test_two_devices_train_the_weights_of_one(settings, alone, tmp_path):
    finish(start_training(settings, tmp_path / "devices.npz", "2"))
    compare(alone, trained(tmp_path / "devices.npz"))


def test_a_batch_that_cannot_be_divided_evenly_is_refused(monkeypatch):
    monkeypatch.setattr("fashion.training.loop.replicas", lambda: 3)
    with pytest.raises(TrainingError, match="3 replicas"):
        steps_by_epoch(1000, Fit.model_validate(FIT))


@pytest.fixture
def hosts(project, tmp_path):
    """Two checkouts with data, as on two machines."""

    def lengthen(document):
        document["models"]["cnn"]["fit"]["epochs"] = 8
        document["train"]["threads"] = 1

    change_params(project, lengthen)
    other = another_machine(project, tmp_path / "other")
    for name in (".runs", "models/cnn.keras", "reports/cnn"):
        project.run("rm", "-rf", name)
        other.run("rm", "-rf", name)
    return project, other


def start_both(hosts):
    ports = free_ports(2)
    checkouts = [
        Checkout(host.folder, TF_CONFIG=task(ports, index)) for index, host in enumerate(hosts)
    ]
    return [checkout.start("python", "-m", "stages.train", "cnn") for checkout in checkouts]


def wait_for(path):
    deadline = time.monotonic() + 60 * MINUTES
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("lost", [1, 0], ids=["worker", "chief"])
def test_a_lost_worker_ends_the_run_and_the_next_run_resumes(hosts, lost):
    chief, worker = hosts
    processes = start_both(hosts)
    wait_for(chief.folder / ".runs" / "train@cnn.npz")
    processes[lost].kill()
    processes[lost].communicate()
    survivor = processes[1 - lost]
    printed = survivor.communicate(timeout=60 * MINUTES)[0]
    assert survivor.returncode == 1
    assert f"worker {lost} was lost; start all workers again" in printed
    assert "Traceback" not in printed
    assert not (chief.folder / "models" / "cnn.keras").exists()

    processes = start_both(hosts)
    printed = [process.communicate(timeout=60 * MINUTES)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], printed
    assert "resuming after epoch" in printed[0]
    assert (chief.folder / "models" / "cnn.keras").exists()
    assert (chief.folder / "reports" / "cnn" / "history.csv").exists()
    assert not (worker.folder / "models" / "cnn.keras").exists()
    assert not (worker.folder / "reports" / "cnn").exists()
