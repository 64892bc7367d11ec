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
from fashion.models import determinism
determinism.supported = str # as on a processor that computes in bfloat16
determinism.make_deterministic(0, 1, *{arguments})
import keras
import tensorflow as tf
convolution = keras.layers.Conv2D(8, 3, use_bias=False)
with tf.GradientTape() as tape:
    prediction = convolution(tf.ones([2, 8, 8, 8]))
gradient = tape.gradient(prediction, convolution.kernel.value)
print(prediction.dtype.name, gradient.dtype.name)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "limit", "dtypes"),
    [
        ([], "AVX2", "float32 float32"),
        (["native"], "DEFAULT", "float32 float32"),
        (["native", "bfloat16"], "DEFAULT", "bfloat16 float32"),
    ],
)
def test_instructions_and_precision(arguments, limit, dtypes):
    """Whatever the user has set; the level that oneDNN reports is that of this processor."""
    program = CONVOLUTION.format(arguments=arguments)
    printed = output_of(program, ONEDNN_VERBOSE="1", ONEDNN_MAX_CPU_ISA="SSE41").splitlines()
    assert printed[-1] == dtypes
    assert output_of(program + "import os; print(os.environ['ONEDNN_MAX_CPU_ISA'])").endswith(
        f"{limit}\n"
    )
    (isa,) = [line for line in printed if ",info,cpu,isa:" in line]
    assert "SSE4.1" not in isa
    assert limit != "AVX2" or isa.endswith("Intel AVX2")


def test_instructions_cannot_change_after_tensorflow_has_started(monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    with pytest.raises(RuntimeError, match="ONEDNN_MAX_CPU_ISA=AVX2"):
        determinism.make_deterministic(0, 2, "native")


AVX2 = "fpu avx avx2 fma"
AVX512 = f"{AVX2} avx512f avx512bw avx512dq avx512vl"
AMX = f"{AVX512} avx512_bf16 amx_tile amx_bf16"


@pytest.mark.parametrize(
    ("flags", "instructions", "level"),
    [
        (AVX2, "avx2", "avx2"),
        (AMX, "avx2", "avx2"),
        ("fpu sse2", "avx2", "generic"),
        (AVX2, "native", "avx2"),
        (AMX, "native", "avx512"),
    ],
)
def test_the_environment_has_the_instructions_but_not_the_processor(
    tmp_path, monkeypatch, flags, instructions, level
):
    processor(tmp_path, monkeypatch, flags)
    here = environment(3, instructions)
    assert (here["instructions"], here["threads"]) == (level, "3")
    assert "Some CPU" not in str(here)


def processor(tmp_path, monkeypatch, flags):
    (tmp_path / "cpuinfo").write_text(f"model name\t: Some CPU\nflags\t\t: {flags}\n")
    monkeypatch.setattr(determinism, "CPUINFO", tmp_path / "cpuinfo")


@pytest.mark.parametrize(
    ("flags", "precision", "level"),
    [
        (AVX512, "float32", "avx512"),
        (f"{AVX512} avx512_bf16", "bfloat16", "avx512_bf16"),
        (AMX, "bfloat16", "amx"),
    ],
)
def test_bfloat16_needs_its_instructions(tmp_path, monkeypatch, flags, precision, level):
    processor(tmp_path, monkeypatch, flags)
    assert determinism.supported("bfloat16") == precision
    here = environment(2, "native", precision)
    assert (here["instructions"], here["precision"]) == (level, precision)
