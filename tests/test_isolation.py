"""The home folder, the environment and the locale of the user do not change a result."""

import os
import shutil
import subprocess
import sys

import pytest

from fashion.isolation import SET, isolate
from tests.conftest import ROOT
from tests.test_faults import snapshot

HOSTILE = {
    "KERAS_BACKEND": "jax",
    "KERAS_MAX_EPOCHS": "1",
    "TF_USE_LEGACY_KERAS": "1",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "XLA_FLAGS": "--no_such_flag",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "AVX2",
    "MPLBACKEND": "no such backend",
    "TZ": "Pacific/Kiritimati",
    "LANG": "de_DE.ISO-8859-1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}
KERAS_JSON = """
{"floatx": "float16", "epsilon": 1e-3, "backend": "torch", "image_data_format": "channels_first"}
"""
MATPLOTLIBRC = "axes.facecolor: red\nsavefig.facecolor: red\nfont.size: 30\nno.such.key: 1\n"


def test_settings_that_change_results_are_removed_and_others_stay(monkeypatch):
    kept = {
        "TF_CONFIG": "{}",
        "KERASTUNER_TUNER_ID": "tuner0",
        "CUDA_VISIBLE_DEVICES": "0",
        "https_proxy": "http://proxy",
        "XDG_CACHE_HOME": "/cache",
        "DVC_STAGE": "train@mlp",
    }
    for name, value in (HOSTILE | kept).items():
        monkeypatch.setenv(name, value)
    isolate()
    assert kept.items() <= os.environ.items()
    assert SET.items() <= os.environ.items()
    assert {name for name in HOSTILE if name in os.environ} == {*SET, "TZ"} & HOSTILE.keys()


@pytest.mark.parametrize(("package", "reads_code"), [("stages", True), ("tools", False)])
def test_a_package_is_isolated_and_code_is_read_before_any_import(package, reads_code):
    program = (
        f"import os, sys, {package}\n"
        "print(os.environ['KERAS_BACKEND'], 'fashion.code_version' in sys.modules)\n"
        f"print([name for name in sys.modules if name == 'numpy' or name.startswith('{package}.')])"
    )
    assert output_of(program, KERAS_BACKEND="jax") == f"tensorflow {reads_code}\n[]\n"


def test_the_predictor_does_not_change_the_environment():
    program = (
        "import os, sys\n"
        "before = dict(os.environ)\n"
        "from fashion_predict import classifier, cli\n"
        "changed = {*before.items()} ^ {*os.environ.items()}\n"
        "print({name for name, _ in changed}, 'fashion.isolation' in sys.modules)"
    )
    assert output_of(program, **HOSTILE) == "{'ORT_DISABLE_TELEMETRY'} False\n"


def output_of(program, **variables):
    """The output of a new process."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME")} | variables
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
def test_a_run_with_hostile_settings_gives_the_same_bytes(reproduced, project, tmp_path):
    """The stages of one network, without DVC, which fails with such settings of Python."""
    home = tmp_path / "home"
    for path in (home / ".keras", home / ".config/matplotlib"):
        path.mkdir(parents=True)
    (home / ".keras/keras.json").write_text(KERAS_JSON)
    for folder in (home / ".config/matplotlib", project.folder):
        (folder / "matplotlibrc").write_text(MATPLOTLIBRC)
    stages = [stage for name, stage in project.lock().items() if not name.endswith("@mlp")]
    outs = {project.folder / out["path"] for stage in stages for out in stage["outs"]}
    for path in outs - {project.folder / "data/raw"}:  # which the first stage keeps
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = subprocess.run(
        ["bash", "-c", " && ".join(["umask 077", *(stage["cmd"] for stage in stages)])],
        cwd=project.folder,
        env=project.environment | HOSTILE | {"HOME": str(home)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert snapshot(project) == snapshot(reproduced)
