"""`tools.unlock` removes DVC's lock only if no living process holds it."""

import json
import os
import subprocess
import sys

import pytest

from tools.unlock import main

GONE = 2**22 + 1  # above the highest process ID of Linux


@pytest.fixture
def write_lock(tmp_path):
    def write_lock(writers, readers):
        path = tmp_path / "rwlock"
        write = {f"/out{pid}": {"pid": pid, "cmd": "dvc repro"} for pid in writers}
        read = {"/in": [{"pid": pid, "cmd": "dvc repro"} for pid in readers]}
        path.write_text(json.dumps({"write": write, "read": read}))
        return path

    return write_lock


def test_a_lock_of_dead_processes_is_removed(write_lock):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # a zombie until `wait`
    path = write_lock([ended.pid], [GONE])
    main(str(path))
    assert not path.exists()
    ended.wait()


@pytest.mark.parametrize("text", ['{"write": {"/a": {"pi', "[]"])
def test_an_unreadable_lock_is_removed(tmp_path, text):
    path = tmp_path / "rwlock"
    path.write_text(text)
    main(str(path))
    assert not path.exists()


def test_other_locks_stay(write_lock):
    path = write_lock([GONE], [os.getpid()])
    main(str(path))
    assert path.exists()
