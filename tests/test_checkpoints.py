import sys
import time

import keras
import numpy as np
import pytest

from fashion import checkpoints as room
from fashion.checkpoints import SLOTS, Checkpoints, run_key
from fashion.digests import md5
from fashion.guards import GuardError
from fashion.params import Mlp
from tests.test_training import FIT, flat, trained

LOGS = [{"loss": 0.1 + 0.2, "accuracy": 1 / 3}, {"loss": 0.2, "accuracy": 0.5}]
ARRAYS = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, np.int64)]


@pytest.fixture
def store(tmp_path):
    """Checkpoints of the run with a key, and what they said."""

    def make(key="key"):
        lines = []
        made = Checkpoints(tmp_path / "run", key, lines.append)
        made.lines = lines
        return made

    return make


def test_a_state_comes_back_to_the_last_bit(store):
    store().save(LOGS, ARRAYS)
    state = store().load()
    assert state.logs == LOGS
    for array, same in zip(ARRAYS, state.arrays, strict=True):
        assert array.dtype == same.dtype
        np.testing.assert_array_equal(array, same)


def test_nothing_was_saved_at_first(store):
    assert store().load() is None


def test_the_state_of_another_run_is_never_used(store):
    store("another").save(LOGS, ARRAYS)
    assert store().load() is None


def test_the_newest_state_is_used_and_says_so(store):
    for count in (1, 2):
        store().save(LOGS[:count], ARRAYS)
    again = store()
    assert len(again.load().logs) == 2
    assert again.lines[-1].startswith("goes on after epoch 2, from ")


def test_the_time_of_earlier_processes_counts(store, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    first = store()
    clock[0] += 40
    first.save(LOGS, ARRAYS)
    clock[0] += 1000
    again = store()
    assert again.seconds == 0
    again.load()
    clock[0] += 2
    assert again.seconds == pytest.approx(42)


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_damaged_state_is_named_and_the_one_before_it_used(store, tmp_path, place):
    for count in (1, 2):
        store().save(LOGS[:count], ARRAYS)
    newest = tmp_path / "run" / SLOTS[0]
    content = bytearray(newest.read_bytes())
    content[place] ^= 1
    newest.write_bytes(content)
    again = store()
    assert len(again.load().logs) == 1
    assert again.lines[0] == f"{newest}: is damaged, its SHA-256 is another; it is not used"


def test_an_empty_file_is_damaged(store, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / SLOTS[0]).touch()
    again = store()
    assert again.load() is None
    assert "is damaged" in again.lines[0]


def test_a_finished_run_is_forgotten_when_its_result_is_recorded_and_not_before(store, tmp_path):
    store().save(LOGS, ARRAYS)
    result, lock = tmp_path / "result", tmp_path / "dvc.lock"
    result.write_text("model")
    store().finish(result)
    store().forget_recorded(lock)
    assert store().load()
    lock.write_text("md5: another")
    store().forget_recorded(lock)
    assert store().load()
    lock.write_text(f"md5: {md5(result)}\n")
    store().forget_recorded(lock)
    assert store().load() is None


def test_a_run_that_follows_a_finished_one_is_not_taken_for_it(store, tmp_path):
    result, lock = tmp_path / "result", tmp_path / "dvc.lock"
    result.write_text("model")
    lock.write_text(md5(result))
    store("first").finish(result)
    store("second").save(LOGS, ARRAYS)
    store("second").forget_recorded(lock)
    assert store("second").load()


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A function from what may differ to a key: settings, data, code."""
    package = tmp_path / "fashion"
    package.mkdir()
    code, data = package / "code.py", tmp_path / "data.npy"
    monkeypatch.setattr(room, "ROOT", tmp_path)
    monkeypatch.setattr("fashion.guards.STARTED", time.time() + 60)
    monkeypatch.setitem(sys.modules, "fashion.made_up", type(sys)("fashion.made_up"))
    sys.modules["fashion.made_up"].__file__ = str(code)

    def make(settings="a", content="1", source="pass"):
        code.write_text(source)
        data.write_text(content)
        return run_key({"settings": settings}, [data])

    return make


def test_code_that_is_not_what_was_loaded_gives_no_key(key, monkeypatch):
    monkeypatch.setattr("fashion.guards.STARTED", time.time() - 60)
    with pytest.raises(GuardError, match=r"code\.py changed after this had started"):
        key()


@pytest.mark.parametrize("change", [{"settings": "b"}, {"content": "2"}, {"source": "pass #"}])
def test_the_key_tells_whatever_determines_a_run(key, change):
    assert key() == key() != key(**change)


def test_callbacks_are_told_of_earlier_epochs_as_they_were_then(store):
    told = []
    recorder = keras.callbacks.Callback()
    recorder.on_epoch_begin = lambda epoch, logs=None: told.append(epoch)
    recorder.on_epoch_end = lambda epoch, logs: told.append((epoch, list(logs.items())))
    trained(callbacks=[recorder], checkpoints=store())
    whole, told[:] = list(told), []
    trained(callbacks=[recorder], checkpoints=store())
    assert told == whole


class Killed(BaseException):
    """The end of a process, as far as the code can tell."""


NETWORKS = {"mlp": Mlp(kind="mlp", units=[12], dropout=0.2)}
OPTIMIZERS = {
    "sgd": FIT.optimizer.model_dump(),
    "adam": {"kind": "adam"},
    "muon": {
        "kind": "muon",
        "kernel_momentum": 0.6,
        "bias_lr_scale": 2.0,
        "momentum": 0.85,
        "weight_decay": 0.0,
    },
}
CHOOSY = {"share": 0.5, "hardest": 0.3, "whole_first": 1, "whole_last": 1}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", ["mlp", "cnn"])
@pytest.mark.parametrize("killed_after", [1, 3, 5])
def test_a_training_that_goes_on_ends_with_the_bytes_of_one_that_was_never_stopped(
    store, small_params, optimizer, network, killed_after
):
    """Dropout, averages of weights, hard images, moving statistics: all of it goes on."""
    config = FIT.model_validate(
        FIT.model_dump() | {"epochs": 5, "selection": CHOOSY, "optimizer": OPTIMIZERS[optimizer]}
    )
    net = small_params.model(network).network.model_copy(update={"dropout": 0.3})
    augmentation = small_params.model("cnn").augment
    whole, history = trained(config, augmentation, network=net)
    first = store()
    save = first.save

    def save_and_end(logs, arrays):
        save(logs, arrays)
        if len(logs) == killed_after:
            raise Killed

    first.save = save_and_end
    with pytest.raises(Killed):
        trained(config, augmentation, network=net, checkpoints=first)
    again, second_history = trained(config, augmentation, network=net, checkpoints=store())
    np.testing.assert_array_equal(flat(whole), flat(again))
    assert history == second_history
