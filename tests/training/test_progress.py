"""The time left and the event files of TensorBoard."""

from types import ModuleType

import keras
import pytest

from fashion.training import progress
from fashion.training.progress import TimeLeft


@pytest.mark.parametrize(("done", "text"), [(1, "8 min left, "), (4, "120 s left, ")])
def test_the_time_left_counts_the_work_of_each_epoch(monkeypatch, capsys, done, text):
    work = [1, 1, 1, 1, 0.5, 0.5]  # in the last epochs, images are fewer
    clock = iter([0.0, 120.0 * done])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    callback = TimeLeft(work)
    callback.on_epoch_begin(0)
    assert capsys.readouterr().out == ""
    callback.on_epoch_begin(done)
    assert capsys.readouterr().out == text


def test_a_resumed_training_measures_its_own_epochs(monkeypatch, capsys):
    clock = iter([0.0, 30.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    callback = TimeLeft([1.0] * 10)
    callback.on_epoch_begin(7)
    callback.on_epoch_begin(8)
    assert capsys.readouterr().out == "60 s left, "


def test_event_files_are_written_only_if_tensorboard_is_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(progress, "find_spec", lambda _: None)
    assert progress.tensorboard(tmp_path) == []
    monkeypatch.setattr(progress, "find_spec", lambda _: ModuleType("tensorboard"))
    (tmp_path / "mlp").mkdir()
    (tmp_path / "mlp/events.out").write_text("of an earlier training")
    [callback] = progress.tensorboard(tmp_path / "mlp")
    assert isinstance(callback, keras.callbacks.TensorBoard)
    assert not (tmp_path / "mlp").exists()
