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
def path(tmp_path):
    return tmp_path / "run" / "train@net.npz"


@pytest.fixture
def store(path):
    """A function that makes the checkpoint of the run with a key."""
    return lambda key="key": Checkpoint(path, key)


def test_the_newest_state_comes_back_to_the_last_bit_for_its_own_run_only(store, capsys):
    assert store().load() is None
    for count in (1, 2):
        store().save(LOGS[:count], ARRAYS)
    assert store("another").load() is None
    state = store().load()
    assert state.logs == LOGS
    for array, same in zip(ARRAYS, state.arrays, strict=True):
        assert array.dtype == same.dtype
        np.testing.assert_array_equal(array, same)
    printed = capsys.readouterr().out
    assert printed.startswith("resuming after epoch 2, from ")
    Path(re.search(r"from (\S+); remove this file to train from the start", printed)[1]).unlink()
    assert store().load() is None


@pytest.mark.parametrize(
    "damage", [lambda c: c[:100], lambda c: c[:500] + b"x" + c[501:], lambda c: b""]
)
def test_a_damaged_state_is_named_and_not_used(store, path, capsys, damage):
    store().save(LOGS, [np.arange(1000.0)])
    path.write_bytes(damage(path.read_bytes()))
    assert store().load() is None
    assert f"{path}: damaged" in capsys.readouterr().out


RECORDED = "32a0c0ef5aa5eb3e2a72813ec62f7af5"  # the MD5 of what `result` holds


@pytest.fixture
def result(tmp_path, monkeypatch):
    """A file that a training has written under DVC, and two lock files that list others."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_STAGE", "train@net")
    for lock in ("dvc.lock", "champion/dvc.lock"):
        record(tmp_path / lock, "0" * 32)
    file = tmp_path / "net.keras.sha256"
    file.write_text("digest of the model")
    return file


def record(lock, digest):
    lock.parent.mkdir(exist_ok=True)
    write_yaml(lock, {"stages": {"train@net": {"outs": [{"path": "x", "md5": digest}]}}})


@pytest.mark.parametrize("lock", ["dvc.lock", "champion/dvc.lock"])
def test_a_finished_run_keeps_its_state_until_dvc_has_recorded_it(store, result, tmp_path, lock):
    store().save(LOGS, ARRAYS)
    store().finish(result)
    assert store().load().logs == LOGS
    record(tmp_path / lock, RECORDED)
    assert store().load() is None


def test_an_interrupted_run_resumes_even_if_its_result_is_recorded(store, result, tmp_path):
    """In a fresh clone, `dvc.lock` lists the results that are being made again."""
    record(tmp_path / "dvc.lock", RECORDED)
    store().save(LOGS, ARRAYS)
    assert store().load().logs == LOGS


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A function from settings, data and code to a key."""
    code, data = tmp_path / "fashion/code.py", tmp_path / "data.npy"
    code.parent.mkdir()
    module = type(sys)("fashion.made_up")
    module.__file__ = str(code)
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    monkeypatch.setattr("fashion.training.checkpoints.ROOT", tmp_path)
    monkeypatch.setitem(sys.modules, "fashion.made_up", module)

    def make(settings="a", content="1", source="pass", at_start=None):
        code.write_text(source)
        monkeypatch.setattr(code_version, "CONTENT_AT_START", {code: (at_start or source).encode()})
        data.write_text(content)
        return run_key({"settings": settings}, [data])

    return make


@pytest.mark.parametrize("change", [{"settings": "b"}, {"content": "2"}, {"source": "pass #"}])
def test_settings_data_and_code_change_the_key(key, change):
    assert key() == key() != key(**change)


def test_code_that_changed_since_the_start_has_no_key(key):
    with pytest.raises(CodeVersionError, match=r"^source code changed .*: fashion/code\.py$"):
        key(at_start="pass  # before")


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
def test_the_key_contains_the_code_of_the_network(reproduced):
    printed = reproduced.run(sys.executable, "-c", PROGRAM).stdout
    assert "'cnn.py'" in printed
    assert "'mlp.py'" not in printed


def test_callbacks_are_called_for_the_epochs_before(store):
    calls = []
    recorder = keras.callbacks.Callback()
    recorder.on_epoch_begin = lambda epoch, logs=None: calls.append(epoch)
    recorder.on_epoch_end = lambda epoch, logs: calls.append((epoch, list(logs.items())))
    trained(callbacks=[recorder], checkpoint=store())
    whole, calls[:] = list(calls), []
    trained(callbacks=[recorder], checkpoint=store())
    assert calls == whole


class Killed(BaseException):
    """The end of a process, as far as the code can tell."""


RESIZING = {"scale": 0.7, "fraction": 0.4}  # in two of five epochs


@pytest.mark.parametrize(
    ("network", "optimizer", "resizing", "killed_after"),
    [("mlp", {"kind": "adam"}, None, 3), ("cnn", MUON, RESIZING, 1), ("cnn", SGD, None, 5)],
)
def test_a_resumed_training_ends_with_the_bytes_of_an_uninterrupted_one(
    store, network, optimizer, resizing, killed_after
):
    """Dropout, averaged weights, difficulty and moving statistics: all of it resumes."""
    changes = {"epochs": 5, "selection": HALF, "optimizer": optimizer}
    config = FIT.model_validate(FIT.model_dump() | changes | {"progressive_resizing": resizing})
    net = Model.model_validate(MODELS[network]).with_values({"network.dropout": 0.3}).network
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
