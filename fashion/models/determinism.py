"""TensorFlow made to give the same bytes twice: seeds, threads, deterministic kernels.

Call `make_deterministic` before anything else of TensorFlow. Equal seed, thread count, versions and
instruction set give bit-equal results; another thread count or instruction set changes the order of
sums in oneDNN (github.com/oneapi-src/oneDNN/issues/1443).
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
BFLOAT16_LEVELS = {"amx": {"amx_tile", "amx_bf16"}} | LEVELS  # others compute in float32
PRECISIONS = {"float32": {}, "bfloat16": {"TF_SET_ONEDNN_FPMATH_MODE": "BF16"}}
PACKAGES = ("tensorflow", "keras", "numpy")


def make_deterministic(seed: int, threads: int, precision: str = "float32") -> None:
    """Seed Python, NumPy and TensorFlow, and run operations on `threads` threads in fixed order.

    With `precision` `bfloat16` oneDNN multiplies in it inside convolutions, where a processor has
    AMX, and adds in float32; no type that TensorFlow sees changes. Source:
    uxlfoundation.github.io/oneDNN/dev_guide_attributes_fpmath_mode.html.
    Raises `RuntimeError` if TensorFlow has already started its thread pool with another count.
    Source: tensorflow.org/api_docs/python/tf/config/experimental/enable_op_determinism.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.update(switches(precision))
    with suppress_stderr(), _without_collecting():  # it announces oneDNN and missing GPUs
        import keras
        import tensorflow as tf

        tf.config.list_physical_devices()
    if tf.config.threading.get_intra_op_parallelism_threads() != threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


def environment(threads: int, precision: str = "float32") -> dict[str, str]:
    """What the last bits of results depend on: where all of it is equal, bytes are equal.

    The maker and the name of the processor are not among it: AVX-512 kernels of oneDNN gave the
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
    """The switches of oneDNN: on, where TensorFlow leaves it off without AVX-512."""
    return {"TF_ENABLE_ONEDNN_OPTS": "1"} | PRECISIONS[precision]


def cpu_info(field: str) -> str:
    """The value of `field` for the first processor in `/proc/cpuinfo`; empty if there is none."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    fields = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in fields if name.strip() == field), "")


def _instruction_set(precision: str) -> str:
    """The level of vector instructions for which oneDNN has kernels of its own."""
    levels = BFLOAT16_LEVELS if precision == "bfloat16" else LEVELS
    flags = set(cpu_info("flags").split())
    return next((level for level, needed in levels.items() if needed <= flags), "generic")


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the garbage collector off what the block makes, now and when the program ends.

    The modules of TensorFlow are half a million objects that stay to the end; to search them for
    garbage takes a third of the time of a start and a stop.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
