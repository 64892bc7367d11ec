"""Nothing in the home folder, the environment or the locale of the user changes a result."""

import os
import shutil
import subprocess
import sys

import pytest

from fashion import isolation
from fashion.isolation import SET, isolate
from tests.conftest import ROOT
from tests.test_faults import snapshot

STARTED_OTHERWISE = {
    "docstrings": {"PYTHONOPTIMIZE": "2"},
    "warnings": {"PYTHONWARNINGS": "error"},
    "ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "posix": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "output": {"PYTHONIOENCODING": "latin-1"},
    "nothing": {},
}
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
    **STARTED_OTHERWISE["docstrings"],
    **STARTED_OTHERWISE["warnings"],
    **STARTED_OTHERWISE["ascii"],
}
KERAS_JSON = """
{"floatx": "float16", "epsilon": 1e-3, "backend": "torch", "image_data_format": "channels_first"}
"""
MATPLOTLIBRC = "axes.facecolor: red\nsavefig.facecolor: red\nfont.size: 30\nno.such.key: 1\n"


def test_settings_that_change_results_are_removed_and_the_rest_stays(monkeypatch):
    kept = {
        "TF_CONFIG": "{}",
        "KERASTUNER_TUNER_ID": "tuner0",
        "OPENBLAS_CORETYPE": "Haswell",
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


@pytest.fixture
def restarts(monkeypatch):
    """The commands that take the place of this process, as it starts with `-m`."""
    commands = []
    monkeypatch.setattr(os, "execv", lambda path, command: commands.append(command))
    monkeypatch.setattr(sys, "argv", ["-m", "mlp"])
    monkeypatch.setattr(sys, "orig_argv", ["python", "-X", "dev", "-m", "stages.train", "mlp"])
    return commands


def test_a_usual_start_costs_no_second_one(restarts, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    isolate()
    assert restarts == []


def test_a_start_with_other_settings_of_python_is_repeated_once(restarts, monkeypatch):
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    isolate()
    isolate()
    assert restarts == [[sys.executable, "-X", "dev", "-m", "stages.train", "mlp"]]


def test_a_program_that_imports_a_tool_is_not_started_again(restarts, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest", "tests"])
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    isolate()
    assert restarts == []


@pytest.fixture
def package(tmp_path):
    """A package that is isolated as `stages` and `tools` are."""
    folder = tmp_path / "isolated"
    folder.mkdir()
    (folder / "__init__.py").write_text((ROOT / "tools/__init__.py").read_text())
    (folder / "report.py").write_text(
        '"""Documentation"""\n'
        "import sys\n"
        "print(__doc__, sys.warnoptions, sys.getfilesystemencoding(), sys.argv[1:])\n"
        "print('ä', open(__file__).encoding)\n"
    )
    return tmp_path


@pytest.mark.parametrize("started", STARTED_OTHERWISE)
@pytest.mark.parametrize("options", [[], ["-X", "utf8=1"]])
def test_settings_of_python_and_the_locale_change_nothing(package, started, options):
    variables = {"PYTHONPATH": f"{ROOT}{os.pathsep}{package}", **STARTED_OTHERWISE[started]}
    done = subprocess.run(
        [sys.executable, *options, "-m", "isolated.report", "a b", "c"],
        env={"PATH": os.environ["PATH"], "HOME": str(package), **variables},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8") == "Documentation [] utf-8 ['a b', 'c']\nä utf-8\n"


def test_an_encoding_that_the_command_asks_for_starts_no_endless_chain(package):
    command = [sys.executable, "-X", "utf8=0", "-m", "isolated.report"]
    variables = {"PYTHONPATH": f"{ROOT}{os.pathsep}{package}", **STARTED_OTHERWISE["ascii"]}
    subprocess.run(
        command, env=os.environ | variables, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("package", ["stages", "tools"])
def test_stages_and_tools_are_isolated_before_anything_is_imported(package):
    program = (
        "import os, sys\n"
        f"import {package}\n"
        "print(os.environ['KERAS_BACKEND'], {'keras', 'numpy', 'matplotlib'} & sys.modules.keys())"
    )
    assert said_by(program, KERAS_BACKEND="jax") == "tensorflow set()\n"


def test_the_predictor_leaves_the_environment_of_other_programs_alone():
    program = (
        "import os, sys\n"
        "before = dict(os.environ)\n"
        "from fashion_predict import classifier, cli\n"
        "changed = {*before.items()} ^ {*os.environ.items()}\n"
        "print({name for name, _ in changed}, 'fashion.isolation' in sys.modules)"
    )
    assert said_by(program, **HOSTILE) == "{'ORT_DISABLE_TELEMETRY'} False\n"


def said_by(program, **variables):
    """What a new process prints."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME")} | variables
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_no_setting_is_both_kept_and_set():
    assert not {*isolation.KEPT} & SET.keys()


@pytest.mark.slow
def test_a_run_among_other_settings_gives_the_same_bytes(reproduced, project, tmp_path):
    """Every stage, without DVC, which such settings of Python would stop."""
    home = tmp_path / "home"
    for path in (home / ".keras", home / ".config/matplotlib"):
        path.mkdir(parents=True)
    (home / ".keras/keras.json").write_text(KERAS_JSON)
    for folder in (home / ".config/matplotlib", project.folder):
        (folder / "matplotlibrc").write_text(MATPLOTLIBRC)
    stages = project.lock().values()
    remove([out["path"] for stage in stages for out in stage["outs"]], project.folder)
    done = subprocess.run(
        ["bash", "-c", " && ".join(["umask 077", *(stage["cmd"] for stage in stages)])],
        cwd=project.folder,
        env=project.environment | HOSTILE | {"HOME": str(home)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert snapshot(project) == snapshot(reproduced)


def remove(outs, folder):
    """Remove `outs`, but for the raw data that the first stage keeps."""
    for path in {folder / out for out in outs} - {folder / "data/raw"}:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
