import os
import subprocess
import sys

import pytest

from fashion.models import determinism
from fashion.models.determinism import environment
from tests.conftest import ROOT

PROGRAM = """
import gc
{before}
from fashion.models.determinism import make_deterministic
make_deterministic(seed=0, threads=1)
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
from tensorflow.python.util import _pywrap_util_port
print(_pywrap_util_port.IsMklEnabled())
"""


def output_of(program, **variables):
    """The output of a new process with these environment variables."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
@pytest.mark.parametrize(("before", "enabled"), [("", "True"), ("gc.disable()", "False")])
def test_imports_are_excluded_from_garbage_collection_and_onednn_is_on(before, enabled):
    """TensorFlow would leave oneDNN off on processors without AVX-512."""
    printed = output_of(PROGRAM.format(before=before), TF_ENABLE_ONEDNN_OPTS="0").split()
    assert printed == [enabled, "True", "True"]


CONVOLUTION = """
from fashion.models.determinism import make_deterministic
make_deterministic(0, 1, "{precision}")
import tensorflow as tf
images, kernel = tf.ones([2, 8, 8, 8]), tf.ones([3, 3, 8, 8])
with tf.GradientTape() as tape:
    tape.watch([images, kernel])
    prediction = tf.nn.conv2d(images, kernel, 1, "SAME")
print(prediction.dtype.name, *(of.dtype.name for of in tape.gradient(prediction, [images, kernel])))
"""


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_convolutions_multiply_in_the_given_precision(precision):
    """In the log of oneDNN: the forward pass and both gradients."""
    lines = output_of(CONVOLUTION.format(precision=precision), ONEDNN_VERBOSE="1").splitlines()
    convolutions = [line for line in lines if ",exec,cpu,convolution," in line]
    assert ["attr-fpmath:bf16" in line for line in convolutions] == [precision == "bfloat16"] * 3
    assert lines[-1] == "float32 float32 float32"


AVX512 = "fpu avx avx2 fma avx512f avx512bw avx512dq avx512vl"


@pytest.mark.parametrize(
    ("flags", "precision", "level"),
    [
        ("fpu avx avx2 fma", "bfloat16", "avx2"),
        (f"{AVX512} amx_tile amx_bf16", "float32", "avx512"),
        (f"{AVX512} amx_tile amx_bf16", "bfloat16", "amx"),
        ("fpu sse2", "float32", "generic"),
    ],
)
def test_the_environment_has_the_instruction_set_but_not_the_processor(
    tmp_path, monkeypatch, flags, precision, level
):
    (tmp_path / "cpuinfo").write_text(f"model name\t: Some CPU\nflags\t\t: {flags}\n")
    monkeypatch.setattr(determinism, "CPUINFO", tmp_path / "cpuinfo")
    here = environment(3, precision)
    assert (here["instructions"], here["threads"]) == (level, "3")
    assert "Some CPU" not in str(here)


@pytest.mark.parametrize(("precision", "mode"), [("float32", None), ("bfloat16", "BF16")])
def test_the_environment_has_the_precision_of_the_project(monkeypatch, precision, mode):
    monkeypatch.setenv("TF_SET_ONEDNN_FPMATH_MODE", "of the user")
    assert environment(2, precision).get("TF_SET_ONEDNN_FPMATH_MODE") == mode
