import os
import subprocess
import sys

import pytest

from fashion import determinism
from fashion.determinism import SWITCHES, environment
from tests.conftest import ROOT

PROGRAM = """
import gc
{before}
from fashion.determinism import make_deterministic
make_deterministic(seed=0, threads=1)
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
from tensorflow.python.util import _pywrap_util_port
print(_pywrap_util_port.IsMklEnabled())
"""


def said_after(before, switch):
    """What a new process says of the collector and of oneDNN."""
    variables = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        cwd=ROOT,
        env=variables | switch,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(("before", "enabled"), [("", "True"), ("gc.disable()", "False")])
def test_imports_are_kept_from_the_collector_which_is_left_as_it_was(before, enabled):
    assert said_after(before, {})[:2] == [enabled, "True"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switch", "enabled"), [({}, "True"), ({"TF_ENABLE_ONEDNN_OPTS": "0"}, "False")]
)
def test_kernels_of_onednn_are_on_unless_the_user_says_otherwise(switch, enabled):
    """With AVX2 alone TensorFlow would leave them off."""
    assert said_after("", switch)[2] == enabled


@pytest.mark.parametrize(
    ("flags", "level"),
    [
        ("fpu avx avx2 fma", "avx2"),
        ("fpu avx avx2 fma avx512f avx512bw avx512dq avx512vl amx_tile", "avx512"),
        ("fpu sse2", "generic"),
    ],
)
def test_the_environment_names_the_instruction_set_and_no_processor(
    tmp_path, monkeypatch, flags, level
):
    (tmp_path / "cpuinfo").write_text(f"model name\t: Some CPU\nflags\t\t: {flags}\n")
    monkeypatch.setattr(determinism, "CPUINFO", tmp_path / "cpuinfo")
    found = environment(threads=3)
    assert (found["instructions"], found["threads"]) == (level, "3")
    assert "Some CPU" not in str(found)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_of_onednn_is_part_of_the_environment(monkeypatch, switch):
    monkeypatch.setenv(switch, "given")
    assert environment(threads=2)[switch] == "given"


def test_the_environment_says_that_kernels_of_onednn_are_on(monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    assert environment(threads=2)["TF_ENABLE_ONEDNN_OPTS"] == "1"
