import errno
import fcntl
import os
import subprocess
import sys

import pytest

from fashion.run_lock import RunLockError, single_instance
from tests.conftest import ROOT

HOLD = """
import sys, time
from fashion.run_lock import single_instance
with single_instance("train@mlp", sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that runs `train@mlp`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_stage_runs_once_at_a_time_until_its_process_ends(holder, tmp_path):
    with (
        pytest.raises(RunLockError, match=f"train@mlp is already running as process {holder.pid};"),
        single_instance("train@mlp", tmp_path),
    ):
        pytest.fail("it was started")
    with single_instance("train@cnn", tmp_path):
        pass
    holder.kill()
    holder.wait()
    with single_instance("train@mlp", tmp_path):
        assert (tmp_path / "train@mlp.lock").read_text() == f"{os.getpid()}\n"


def test_a_file_system_without_locks_gives_a_warning(tmp_path, monkeypatch, capsys):
    def flock(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", flock)
    with single_instance("train@mlp", tmp_path):
        pass
    assert f"{tmp_path}/train@mlp.lock: this file system has no locks (" in capsys.readouterr().err
