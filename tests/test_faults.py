"""The pipeline killed, starved and edited: noticed or survived, and every byte comes back."""

import copy
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from fashion.io.files import sha256
from tests.conftest import ROOT, change_params, reproduce_once
from tools import unlock
from tools.checkout import Checkout

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 300
EPOCHS = {"mlp": 60, "cnn": 20}  # some seconds: enough to be killed in
FORCED = ("dvc", "repro", "--force", "--single-item")  # DVC would take the outputs from its cache
RESULTS = ("dvc.lock", "data", "models", "reports")
LIMITS = {  # bytes: each stage writes a larger file, TensorFlow a smaller one of its own
    "download": 4096,
    "preprocess": 4096,
    "describe": 4096,
    "train@mlp": 16384,
    "evaluate@mlp": 150,
    "plot@mlp": 4096,
}
IN_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


@pytest.fixture(scope="module")
def whole(shared_folder, small_document):
    """A reproduced small project whose trainings last some seconds; not to be changed."""
    document = copy.deepcopy(small_document)
    for name, epochs in EPOCHS.items():
        document["models"][name]["fit"]["epochs"] = epochs
    return reproduce_once(shared_folder / "faults", document)


@pytest.fixture
def harmed(whole, tmp_path):
    """A copy of it to do harm to."""
    shutil.copytree(whole.folder, tmp_path / "copy", symlinks=True)
    return Checkout(tmp_path / "copy")


def snapshot(checkout):
    """The digest of every result by path."""
    roots = [checkout.folder / name for name in RESULTS]
    files = [file for root in roots for file in (root.rglob("*") if root.is_dir() else [root])]
    return {str(f.relative_to(checkout.folder)): sha256(f) for f in files if f.is_file()}


@contextmanager
def training(checkout, run):
    """`dvc repro` in the middle of the training `run`, after its first epoch."""
    state = checkout.folder / ".runs" / f"{run}.npz"
    state.unlink(missing_ok=True)  # of the run before
    process = checkout.start(*FORCED, run)
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        while not state.exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end
            time.sleep(0.01)
        yield process
    finally:
        kill(process)


def kill(process):
    """End the process and all that it started, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def resume(checkout, run):
    """Run `run` again, as `make repro` does; return what it printed."""
    checkout.run(sys.executable, "-m", "tools.unlock")
    return checkout.run(*FORCED, run).stdout


@pytest.mark.parametrize("run", ["train@mlp", "train@cnn"])
def test_a_killed_training_resumes_to_the_same_bytes(whole, harmed, run):
    with training(harmed, run):
        pass
    assert "resuming after epoch" in resume(harmed, run)
    assert snapshot(harmed) == snapshot(whole)


def test_a_stage_that_outlives_dvc_is_not_run_twice(whole, harmed):
    """The stage is held still, so that it cannot end before the second one has started."""
    with training(harmed, "train@mlp") as process:
        process.kill()  # DVC alone
        process.wait()
        os.killpg(process.pid, signal.SIGSTOP)
        second = harmed.run(*FORCED, "train@mlp", check=False)
        assert second.returncode != 0
        assert "train@mlp is already running as process" in second.stdout + second.stderr
    assert "resuming after epoch" in resume(harmed, "train@mlp")
    assert snapshot(harmed) == snapshot(whole)


def test_a_killed_dvc_that_was_not_waited_for_is_unlocked(harmed):
    """As in a container without an init process: `process` stays a zombie."""
    process = harmed.start(*FORCED, "train@mlp")
    rwlock = harmed.folder / ".dvc" / "tmp" / "rwlock"
    while not rwlock.exists() or str(process.pid) not in rwlock.read_text():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    while unlock.is_alive(process.pid):
        time.sleep(0.01)
    assert "blocked by" in harmed.run(*FORCED, "train@mlp", check=False).stderr
    resume(harmed, "train@mlp")
    process.communicate()


@pytest.mark.parametrize("path", ["fashion/training/batches.py", "params.yaml"])
def test_what_is_edited_in_mid_training_is_not_recorded(harmed, path):
    with training(harmed, "train@mlp") as process:
        file = harmed.folder / path
        text = file.read_text("utf-8")
        edited = text.replace("learning_rate: 0.01", "learning_rate: 0.02")
        file.write_text(edited if edited != text else f"{text}# edited\n", "utf-8")
        said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode != 0
    assert "changed during the run, so the results were not recorded; run it again" in said
    assert harmed.git("status", "--porcelain", "dvc.lock") == ""
    harmed.run(*FORCED, "train@mlp")
    assert harmed.git("status", "--porcelain", "dvc.lock") != ""


def test_code_that_is_edited_and_restored_in_mid_training_loses_nothing(whole, harmed):
    """As by `git stash` and back; the training fails only where it ends in between."""
    file = harmed.folder / "fashion/training/batches.py"
    text = file.read_text("utf-8")
    with training(harmed, "train@mlp") as process:
        file.write_text(f"{text}# edited\n", "utf-8")
        file.write_text(text, "utf-8")
        said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 0, said
    assert snapshot(harmed) == snapshot(whole)


def test_a_finished_training_that_dvc_could_not_record_is_not_repeated(harmed):
    """DVC is killed, and its training ends. Once recorded, `--force` trains anew."""
    change_params(harmed, lambda document: document["train"].update(seed=7))
    with training(harmed, "train@mlp") as process:
        process.kill()  # DVC alone
        process.stdout.read()  # until the training has ended
    assert harmed.git("status", "--porcelain", "dvc.lock") == ""
    model = sha256(harmed.folder / "models/mlp.keras")
    assert f"resuming after epoch {EPOCHS['mlp']}, " in resume(harmed, "train@mlp")
    assert sha256(harmed.folder / "models/mlp.keras") == model
    assert harmed.git("status", "--porcelain", "dvc.lock") != ""
    assert "resuming" not in resume(harmed, "train@mlp")
    assert sha256(harmed.folder / "models/mlp.keras") == model


NO_LOCKS = """
import errno, fcntl, os
def flock(*_):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
fcntl.flock = flock
"""


def test_a_file_system_without_locks_is_survived_as_the_page_says(harmed, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(NO_LOCKS)
    drive = Checkout(harmed.folder, PYTHONPATH=str(tmp_path))
    assert drive.run(*FORCED, "plot@mlp", check=False).returncode
    page = (ROOT / "docs/reproducibility.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if "without locks" in line)
    for command in re.findall(r"`([^`]+)`", row):
        drive.run(*command.split())
    assert "this file system has no locks" in drive.run(*FORCED, "plot@mlp").stderr


def starve(checkout, stage, **options):
    """Run `stage` with its outputs removed and, by `options`, no room; return what it printed."""
    for out in checkout.lock()[stage]["outs"]:
        path = checkout.folder / out["path"]
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    name, _, network = stage.partition("@")
    arguments = [network] if network else []
    process = checkout.start(sys.executable, "-m", f"stages.{name}", *arguments, **options)
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert not [path for path in checkout.folder.rglob(".unfinished*") if path.is_file()]
    return said


@pytest.mark.parametrize("stage", LIMITS)
def test_a_limit_on_file_sizes_is_told_and_survived(whole, harmed, stage):
    limit = (LIMITS[stage],) * 2
    said = starve(
        harmed, stage, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    )
    assert "File too large: " in said
    harmed.run("dvc", "repro")
    assert snapshot(harmed) == snapshot(whole)


def can_mount():
    """Whether this machine lets users make file systems of their own."""
    probe = [*IN_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and not subprocess.run(probe, check=False).returncode


@pytest.mark.skipif(not can_mount(), reason="this machine allows no file systems of one's own")
@pytest.mark.parametrize("stage", LIMITS)
def test_a_full_disk_is_told_and_survived(whole, tmp_path, stage):
    (tmp_path / "mount").mkdir()
    whole = Checkout(whole.folder, PYTHONPATH=str(ROOT))  # where this file is found
    arguments = (str(whole.folder), str(tmp_path / "mount"), stage)
    whole.run(*IN_NAMESPACE, sys.executable, "-m", "tests.test_faults", *arguments)


def fill_disk(project, mount, stage):
    """Starve `stage` of a copy of `project` on a full tmpfs at `mount`, then give it room again."""
    used = sum(path.stat().st_size for path in Path(project).rglob("*") if path.is_file())
    size = f"size={2 * used + (64 << 20)}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", mount], check=True)
    checkout, ballast = Checkout(Path(mount) / "copy"), Path(mount) / "ballast"
    shutil.copytree(project, checkout.folder, symlinks=True)

    def fill():
        with ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, shutil.disk_usage(mount).free)

    assert "No space left on device: " in starve(checkout, stage, preexec_fn=fill)
    ballast.unlink()
    checkout.run("dvc", "repro")
    assert snapshot(checkout) == snapshot(Checkout(Path(project)))


if __name__ == "__main__":
    fill_disk(*sys.argv[1:])
