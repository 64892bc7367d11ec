"""Deterministic TensorFlow: seeds, thread counts and deterministic kernels.

Call `make_deterministic` before any other use of TensorFlow. Equal seeds, thread counts, versions
and instruction sets give bit-equal results. Another thread count or instruction set changes the
order of sums in oneDNN (github.com/oneapi-src/oneDNN/issues/1443).
"""

import gc
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from fashion.suppress_stderr import suppress_stderr

CPUINFO = Path("/proc/cpuinfo")
LEVELS = {"avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}, "avx2": {"avx2", "fma"}}
BFLOAT16_LEVELS = {"amx": {"amx_tile", "amx_bf16"}} | LEVELS  # without AMX, in float32
PRECISIONS = {"float32": {}, "bfloat16": {"TF_SET_ONEDNN_FPMATH_MODE": "BF16"}}
PACKAGES = ("tensorflow", "keras", "numpy")


def make_deterministic(seed: int, threads: int, precision: str = "float32") -> None:
    """Seed Python, NumPy and TensorFlow, and compute on `threads` threads in a fixed order.

    If `precision` is `bfloat16`, oneDNN multiplies in bfloat16 inside convolutions on processors
    with AMX, and adds in float32; the types that TensorFlow sees stay float32.

    Raises `RuntimeError` if TensorFlow has already started with another number of threads.
    Sources: tensorflow.org/api_docs/python/tf/config/experimental/enable_op_determinism and
    uxlfoundation.github.io/oneDNN/dev_guide_attributes_fpmath_mode.html.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.update(switches(precision))
    with suppress_stderr(), _without_garbage_collection():  # it logs oneDNN and missing GPUs
        import keras
        import tensorflow as tf

        tf.config.list_physical_devices()
    if tf.config.threading.get_intra_op_parallelism_threads() != threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


def environment(threads: int, precision: str = "float32") -> dict[str, str]:
    """What the last bits of results depend on: equal environments give equal bytes.

    The maker and the model of the processor are not part of it: AVX-512 kernels of oneDNN gave the
    same bytes on processors of two makers.
    """
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "instructions": _instruction_set(precision),
        "threads": str(threads),
        **switches(precision),
        **{package: version(package) for package in PACKAGES},
    }


def switches(precision: str = "float32") -> dict[str, str]:
    """Environment variables that enable oneDNN, also on processors without AVX-512."""
    return {"TF_ENABLE_ONEDNN_OPTS": "1"} | PRECISIONS[precision]


def cpu_info(field: str) -> str:
    """The value of `field` for the first processor in `/proc/cpuinfo`; empty if there is none."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    fields = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in fields if name.strip() == field), "")


def _instruction_set(precision: str) -> str:
    """The best level of vector instructions that this processor and oneDNN have in common."""
    levels = BFLOAT16_LEVELS if precision == "bfloat16" else LEVELS
    flags = set(cpu_info("flags").split())
    return next((level for level, needed in levels.items() if needed <= flags), "generic")


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Exclude the objects that the block makes from garbage collection, for good.

    The modules of TensorFlow are half a million objects that are never freed. Searching them takes
    a third of the time that a program needs to start and stop.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
