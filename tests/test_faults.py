"""The pipeline killed, out of space, or edited during a run: every byte comes back."""

import copy
import os
import resource
import shutil
import signal
import sys
import time
from contextlib import contextmanager, suppress

import pytest

from fashion.io.files import sha256
from tests.conftest import change_params, reproduce_once
from tools.checkout import Checkout

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 300
EPOCHS = {"mlp": 60, "cnn": 20}  # enough seconds to kill the training in between
FORCED = ("dvc", "repro", "--force", "--single-item")  # DVC would use its cache
RESULTS = ("dvc.lock", "data", "models", "reports")
TARGETS = ("describe", "plot@mlp", "train@cnn")
LIMITS = {  # bytes, less than the largest file of the stage
    "download": 4096,
    "preprocess": 4096,
    "describe": 4096,
    "train@mlp": 16384,
    "evaluate@mlp": 150,
    "plot@mlp": 4096,
}


@pytest.fixture(scope="module")
def whole(shared_folder, small_document):
    """A reproduced small project whose trainings last some seconds. Tests must not change it."""
    document = copy.deepcopy(small_document)
    for name, epochs in EPOCHS.items():
        document["models"][name]["fit"]["epochs"] = epochs
    return reproduce_once(shared_folder / "faults", document, *TARGETS)


@pytest.fixture
def harmed(whole, tmp_path):
    """A copy of `whole` that a test may damage."""
    shutil.copytree(whole.folder, tmp_path / "copy", symlinks=True)
    return Checkout(tmp_path / "copy")


def snapshot(checkout):
    """The digest of every result, by path."""
    roots = [checkout.folder / name for name in RESULTS]
    files = [file for root in roots for file in (root.rglob("*") if root.is_dir() else [root])]
    return {str(f.relative_to(checkout.folder)): sha256(f) for f in files if f.is_file()}


@contextmanager
def training(checkout, run):
    """`dvc repro` of the training `run`, after its first epoch."""
    state = checkout.folder / ".runs" / f"{run}.npz"
    state.unlink(missing_ok=True)  # of the last run
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
    """Kill the process and all its children, like a power cut."""
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
    """The stage is stopped, so that it cannot end before the second one has started."""
    with training(harmed, "train@mlp") as process:
        process.kill()  # DVC alone
        process.wait()
        os.killpg(process.pid, signal.SIGSTOP)
        second = harmed.run(*FORCED, "train@mlp", check=False)
        assert second.returncode != 0
        assert "train@mlp is already running as process" in second.stdout + second.stderr
    assert "resuming after epoch" in resume(harmed, "train@mlp")
    assert snapshot(harmed) == snapshot(whole)


@pytest.mark.parametrize("path", ["fashion/training/batches.py", "params.yaml"])
def test_a_result_is_not_recorded_if_its_inputs_were_edited_during_the_training(harmed, path):
    with training(harmed, "train@mlp") as process:
        file = harmed.folder / path
        text = file.read_text("utf-8")
        edited = text.replace("learning_rate: 0.01", "learning_rate: 0.02")
        file.write_text(edited if edited != text else f"{text}# edited\n", "utf-8")
        printed = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode != 0
    assert "changed during the run, so the results were not recorded; run it again" in printed
    assert harmed.git("status", "--porcelain", "dvc.lock") == ""
    harmed.run(*FORCED, "train@mlp")
    assert harmed.git("status", "--porcelain", "dvc.lock") != ""


def test_a_finished_training_that_dvc_did_not_record_is_not_repeated(harmed):
    """DVC is killed and its training ends. Once the result is recorded, `--force` trains again."""
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


def starve(checkout, stage, **options):
    """Run `stage` without its outputs and, by `options`, without space; return its output."""
    for out in checkout.lock()[stage]["outs"]:
        path = checkout.folder / out["path"]
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    name, _, network = stage.partition("@")
    arguments = [network] if network else []
    process = checkout.start(sys.executable, "-m", f"stages.{name}", *arguments, **options)
    printed = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode == 1, printed
    assert "Traceback" not in printed
    assert not [path for path in checkout.folder.rglob(".unfinished*") if path.is_file()]
    return printed


@pytest.mark.parametrize("stage", LIMITS)
def test_a_limit_on_file_sizes_is_one_line_and_leaves_no_damage(whole, harmed, stage):
    limit = (LIMITS[stage],) * 2
    printed = starve(
        harmed, stage, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    )
    assert "File too large: " in printed
    harmed.run("dvc", "repro", *TARGETS)
    assert snapshot(harmed) == snapshot(whole)
