import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from fashion import code_version
from fashion.code_version import CodeVersionError
from fashion.config.model import Model
from fashion.training.checkpoints import Checkpoint, run_key
from tests.conftest import MODELS, MUON, write_yaml
from tests.training.test_loop import FIT, HALF, SGD, flat, trained

LOGS = [{"loss": 0.1 + 0.2, "accuracy": 1 / 3}, {"loss": 0.2, "accuracy": 0.5}]
ARRAYS = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, np.int64)]


@pytest.fixture
def store(tmp_path):
    """The checkpoint of the run with a key."""
    return lambda key="key": Checkpoint(tmp_path / "run" / "train@net.npz", key)


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


def test_the_newest_state_is_used_and_named(store, capsys):
    for count in (1, 2):
        store().save(LOGS[:count], ARRAYS)
    assert len(store().load().logs) == 2
    assert capsys.readouterr().out.startswith("resuming after epoch 2, from ")


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


@pytest.mark.parametrize(
    "damage", [lambda c: c[:100], lambda c: c[:500] + b"x" + c[501:], lambda c: b""]
)
def test_a_damaged_state_is_named_and_not_used(store, tmp_path, capsys, damage):
    store().save(LOGS, [np.arange(1000.0)])
    path = tmp_path / "run" / "train@net.npz"
    path.write_bytes(damage(path.read_bytes()))
    assert store().load() is None
    assert f"{path}: damaged" in capsys.readouterr().out


def test_the_state_is_removed_as_its_line_says_to_start_over(store, tmp_path, capsys):
    store().save(LOGS, ARRAYS)
    store().load()
    said = capsys.readouterr().out
    assert said.endswith("npz; remove this file to train from the start\n")
    Path(re.search(r"from (\S+);", said)[1]).unlink()
    assert store().load() is None


LISTED = "32a0c0ef5aa5eb3e2a72813ec62f7af5"  # the MD5 of what follows


@pytest.fixture
def result(tmp_path, monkeypatch):
    """What a training has written in a project that has a lock file, and one below."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_STAGE", "train@net")
    path = tmp_path / "net.keras.sha256"
    path.write_text("digest of the model")
    for name in ("dvc.lock", "champion/dvc.lock"):
        list_in(tmp_path / name, "0" * 32)
    return path


def list_in(lock, digest):
    lock.parent.mkdir(exist_ok=True)
    write_yaml(lock, {"stages": {"train@net": {"outs": [{"path": "x", "md5": digest}]}}})


def test_a_run_that_dvc_did_not_start_leaves_nothing(store, tmp_path, result, monkeypatch):
    monkeypatch.delenv("DVC_STAGE")
    store().save(LOGS, ARRAYS)
    store().finish(result)
    assert list((tmp_path / "run").iterdir()) == []


def test_a_finished_run_that_dvc_has_not_recorded_resumes_at_its_end(store, result):
    store().save(LOGS, ARRAYS)
    store().finish(result)
    state = store().load()
    assert state.logs == LOGS
    np.testing.assert_array_equal(state.arrays[0], ARRAYS[0])


@pytest.mark.parametrize("lock", ["dvc.lock", "champion/dvc.lock"])
def test_a_finished_run_that_dvc_has_recorded_trains_anew(store, tmp_path, result, lock):
    store().save(LOGS, ARRAYS)
    store().finish(result)
    list_in(tmp_path / lock, LISTED)
    assert store().load() is None


def test_an_interrupted_run_resumes_also_where_its_result_is_recorded(store, tmp_path, result):
    """In a fresh clone `dvc.lock` lists the results that are being made again."""
    list_in(tmp_path / "dvc.lock", LISTED)
    store().save(LOGS, ARRAYS)
    assert store().load().logs == LOGS


def test_a_finished_run_whose_state_is_gone_has_nothing_to_give_up(store, result):
    store().finish(result)
    assert store().load() is None


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A function from what may differ to a key: settings, data, code."""
    package = tmp_path / "fashion" / "training"
    package.mkdir(parents=True)
    code, data = package / "code.py", tmp_path / "data.npy"
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    monkeypatch.setattr("fashion.training.checkpoints.ROOT", tmp_path)
    monkeypatch.setitem(sys.modules, "fashion.made_up", type(sys)("fashion.made_up"))
    sys.modules["fashion.made_up"].__file__ = str(code)

    def make(settings="a", content="1", source="pass", at_start=None):
        code.write_text(source)
        monkeypatch.setattr(code_version, "AT_START", {code: (at_start or source).encode()})
        data.write_text(content)
        return run_key({"settings": settings}, [data])

    return make


def test_code_that_is_not_what_was_loaded_gives_no_key(key):
    with pytest.raises(
        CodeVersionError, match=r"^source code changed .*: fashion/training/code\.py$"
    ):
        key(at_start="pass  # before")


@pytest.mark.parametrize("change", [{"settings": "b"}, {"content": "2"}, {"source": "pass #"}])
def test_the_key_tells_whatever_determines_a_run(key, change):
    assert key() == key() != key(**change)


PROGRAM = """
from fashion.code_version import loaded_code
from fashion.training import checkpoints
from stages import train

def stop(*_):
    print([path.name for path in loaded_code()])
    raise SystemExit

checkpoints.run_key = stop
train.main("cnn")
"""


@pytest.mark.slow
def test_the_code_of_the_network_determines_a_run(reproduced):
    printed = reproduced.run(sys.executable, "-c", PROGRAM).stdout
    assert "'cnn.py'" in printed
    assert "'mlp.py'" not in printed


def test_callbacks_are_told_of_earlier_epochs_as_they_were_then(store):
    told = []
    recorder = keras.callbacks.Callback()
    recorder.on_epoch_begin = lambda epoch, logs=None: told.append(epoch)
    recorder.on_epoch_end = lambda epoch, logs: told.append((epoch, list(logs.items())))
    trained(callbacks=[recorder], checkpoint=store())
    whole, told[:] = list(told), []
    trained(callbacks=[recorder], checkpoint=store())
    assert told == whole


class Killed(BaseException):
    """The end of a process, as far as the code can tell."""


RESIZING = {"scale": 0.7, "fraction": 0.4}  # in two of five epochs
CASES = [
    ("mlp", {"kind": "adam"}, None, 1),
    ("mlp", SGD, None, 3),
    ("cnn", MUON, None, 1),
    ("cnn", MUON, None, 3),
    ("cnn", MUON, RESIZING, 1),
    ("cnn", MUON, RESIZING, 3),
    ("cnn", SGD, None, 5),
]


@pytest.mark.parametrize(("network", "optimizer", "resizing", "killed_after"), CASES)
def test_a_training_that_resumes_ends_with_the_bytes_of_one_that_was_never_stopped(
    store, network, optimizer, resizing, killed_after
):
    """Dropout, averages of weights, per-sample errors, moving statistics: all of it resumes."""
    changes = {"epochs": 5, "selection": HALF, "optimizer": optimizer}
    config = FIT.model_validate(FIT.model_dump() | changes | {"progressive_resizing": resizing})
    net = Model.model_validate(MODELS[network]).changed({"network.dropout": 0.3}).network
    augmentation = Model.model_validate(MODELS["cnn"]).augment
    whole, history = trained(config, augmentation, network=net)
    first = store()
    save = first.save

    def save_and_end(logs, arrays):
        save(logs, arrays)
        if len(logs) == killed_after:
            raise Killed

    first.save = save_and_end
    with pytest.raises(Killed):
        trained(config, augmentation, network=net, checkpoint=first)
    again, second_history = trained(config, augmentation, network=net, checkpoint=store())
    np.testing.assert_array_equal(flat(whole), flat(again))
    assert history == second_history
