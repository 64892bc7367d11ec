"""`tools.unlock` removes a lock of dead processes, and no other."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from tools.unlock import is_alive, main


@pytest.fixture
def zombie():
    """The ID of a process that has ended and was not waited for."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    yield process.pid
    process.wait()


def rwlock(tmp_path, *writers, readers=()):
    path = tmp_path / "rwlock"
    write = {f"/out{pid}": {"pid": pid, "cmd": "dvc repro"} for pid in writers}
    read = {"/in": [{"pid": pid, "cmd": "dvc repro"} for pid in readers]}
    path.write_text(json.dumps({"write": write, "read": read}))
    return path


def test_a_zombie_is_not_alive(zombie):
    assert psutil.pid_exists(zombie)
    assert not is_alive(zombie)
    assert is_alive(os.getpid())


def test_a_lock_of_zombies_and_of_processes_that_are_gone_is_removed(tmp_path, zombie, capsys):
    path = rwlock(tmp_path, zombie, readers=[2**22 + 1])
    main(str(path))
    assert not path.exists()
    assert "no process that it names is alive" in capsys.readouterr().out


@pytest.mark.parametrize("text", ['{"write": {"/a": {"pi', "", '{"write": {"/a": 1}}', "[]"])
def test_an_unreadable_lock_is_removed(tmp_path, text, capsys):
    path = tmp_path / "rwlock"
    path.write_text(text)
    main(str(path))
    assert not path.exists()
    assert "unreadable" in capsys.readouterr().out


def test_a_lock_of_a_living_process_stays(tmp_path, zombie, capsys):
    path = rwlock(tmp_path, zombie, readers=[os.getpid()])
    main(str(path))
    assert path.exists()
    assert capsys.readouterr().out == ""


def test_without_a_holder_or_a_file_nothing_is_said(tmp_path, capsys):
    main(str(rwlock(tmp_path)))
    main(str(tmp_path / "missing"))
    assert capsys.readouterr().out == ""
