"""`tools.unlock` removes DVC's lock only if no living process holds it."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from tools.unlock import main

GONE = 2**22 + 1  # above the highest process ID of Linux


@pytest.fixture
def zombie():
    """The ID of a process that has ended, but is not waited for."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    yield process.pid
    process.wait()


@pytest.fixture
def write_lock(tmp_path):
    def write_lock(writers, readers):
        path = tmp_path / "rwlock"
        write = {f"/out{pid}": {"pid": pid, "cmd": "dvc repro"} for pid in writers}
        read = {"/in": [{"pid": pid, "cmd": "dvc repro"} for pid in readers]}
        path.write_text(json.dumps({"write": write, "read": read}))
        return path

    return write_lock


def test_a_lock_of_dead_processes_is_removed(write_lock, zombie, capsys):
    path = write_lock([zombie], [GONE])
    main(str(path))
    assert not path.exists()
    assert "these processes are not alive" in capsys.readouterr().out


@pytest.mark.parametrize("text", ['{"write": {"/a": {"pi', "[]"])
def test_an_unreadable_lock_is_removed(tmp_path, text, capsys):
    path = tmp_path / "rwlock"
    path.write_text(text)
    main(str(path))
    assert not path.exists()
    assert "unreadable" in capsys.readouterr().out


def test_other_locks_stay(write_lock, tmp_path, capsys):
    path = write_lock([GONE], [os.getpid()])
    main(str(path))
    assert path.exists()
    main(str(write_lock([], [])))
    assert path.exists()
    main(str(tmp_path / "missing"))
    assert capsys.readouterr().out == ""
