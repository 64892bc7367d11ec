import errno
import fcntl
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from fashion import guards
from fashion.config import loader
from fashion.config.stages import Plot
from fashion.guards import GuardError, loaded_code, refuse_changes, single_instance
from tests.conftest import ROOT, write_yaml

HOLD = """
import sys, time
from fashion.guards import single_instance
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


def test_a_stage_that_runs_already_is_not_started_again(holder, tmp_path):
    with (
        pytest.raises(GuardError, match=f"train@mlp is already running, as process {holder.pid};"),
        single_instance("train@mlp", tmp_path),
    ):
        pytest.fail("it was started")


def test_another_stage_may_run_at_the_same_time(holder, tmp_path):
    with single_instance("train@cnn", tmp_path):
        assert (tmp_path / "train@cnn.lock").read_text() == f"{os.getpid()}\n"


def test_a_killed_process_holds_nothing(holder, tmp_path):
    holder.kill()
    holder.wait()
    with single_instance("train@mlp", tmp_path):
        assert (tmp_path / "train@mlp.lock").read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize(
    "number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EIO]
)
def test_a_file_system_without_locks_is_told_and_the_stage_runs(
    tmp_path, monkeypatch, capsys, number
):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    ran = []
    with single_instance("train@mlp", tmp_path):
        ran.append(True)
    assert ran
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path}/train@mlp.lock: this file system has no locks (")
    assert said.count("\n") == 1


PLOT = {"dpi": 100, "mistakes": 1, "examples": 1}


@pytest.fixture
def used(tmp_path, monkeypatch):
    """A module and a section of params that this process has loaded, and nothing else."""
    (tmp_path / "fashion").mkdir()
    module = tmp_path / "fashion" / "made_up.py"
    module.write_text("pass")
    params = tmp_path / "params.yaml"
    write_yaml(params, {"plot": PLOT, "train": {}})
    monkeypatch.setattr(guards, "ROOT", tmp_path)
    monkeypatch.setattr(guards, "AT_START", {module: module.read_bytes()})
    monkeypatch.setattr(loader, "_loaded", {})
    monkeypatch.setitem(sys.modules, "fashion.made_up", type(sys)("fashion.made_up"))
    sys.modules["fashion.made_up"].__file__ = str(module)
    Plot.load(params)
    return module, params


AGAIN = "changed during the run, so the results were not recorded; run it again: "


def test_code_that_is_edited_meanwhile_is_named(used):
    with (
        pytest.raises(GuardError, match=rf"^source code {AGAIN}fashion/made_up\.py$"),
        refuse_changes(),
    ):
        used[0].write_text("pass  # edited")


@pytest.mark.parametrize("days", [-1, 1])
def test_a_time_of_a_file_is_no_change(used, days):
    """A clock may be behind or ahead of the files."""
    with refuse_changes():
        os.utime(used[0], (time.time() + days * 86400,) * 2)


def test_code_that_is_written_again_with_equal_content_is_not_changed(used):
    """As an editor saves it, or `git stash` and back."""
    with refuse_changes():
        text = used[0].read_text()
        used[0].unlink()
        used[0].write_text(text)


def test_code_that_is_imported_after_an_edit_is_named(used, monkeypatch):
    late = used[0].with_name("late.py")
    late.write_text("first")
    monkeypatch.setitem(guards.AT_START, late, b"first")
    late.write_text("second")
    with pytest.raises(GuardError, match=r"fashion/late\.py$"), refuse_changes():
        monkeypatch.setitem(sys.modules, "fashion.late", SimpleNamespace(__file__=str(late)))


def test_code_that_did_not_exist_at_the_start_is_named(used, monkeypatch):
    monkeypatch.setattr(guards, "AT_START", {})
    with pytest.raises(GuardError, match=r"fashion/made_up\.py$"), refuse_changes():
        pass


def test_code_that_is_gone_is_named(used):
    with pytest.raises(GuardError, match=r"fashion/made_up\.py$"), refuse_changes():
        used[0].unlink()


def test_a_section_that_changes_meanwhile_is_named(used):
    with pytest.raises(GuardError, match=rf"^parameters {AGAIN}plot$"), refuse_changes():
        write_yaml(used[1], {"plot": PLOT | {"dpi": 99}})


def test_all_that_changed_is_named_at_once(used):
    expected = rf"^source code and parameters {AGAIN}fashion/made_up\.py, plot$"
    write_yaml(used[1], {"plot": PLOT | {"dpi": 99}})
    with pytest.raises(GuardError, match=expected), refuse_changes():
        used[0].unlink()


def test_what_the_stage_does_not_use_may_change(used):
    with refuse_changes():
        write_yaml(used[1], {"plot": PLOT, "train": {"seed": 1}})
        (used[0].parent / "other.py").write_text("new")


def test_a_failure_of_the_stage_is_raised_as_it_is(used):
    def fail():
        with refuse_changes():
            used[0].unlink()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_what_the_files_held_is_kept_before_a_stage_is_read():
    """`python -m` imports the package first, so an edit between the two would be noticed."""
    program = "import stages, sys; from fashion.guards import AT_START; print(len(AT_START))"
    program += "; print([name for name in sys.modules if name.startswith('stages')])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, modules = done.stdout.splitlines()
    assert int(count) > 50
    assert modules == "['stages']"


def test_plumbing_is_no_code_that_results_depend_on():
    import stages.train  # noqa: F401

    names = {str(path.relative_to(ROOT)) for path in loaded_code()}
    assert {"stages/train.py", "fashion/files.py", "fashion/determinism.py"} <= names
    assert not {name for name in names if name.startswith(("fashion/config", "fashion/errors"))}


def test_code_in_subfolders_counts():
    import fashion.training.loop  # noqa: F401

    names = {str(path.relative_to(ROOT)) for path in loaded_code()}
    assert {"fashion/training/loop.py", "fashion/networks/building.py"} & names
    assert "fashion/training/augmentation.py" in names
