"""Deterministic TensorFlow: seeds, thread counts and deterministic kernels.

Call `make_deterministic` before any other use of TensorFlow. Equal seeds, thread counts, versions
and processor instructions give bit-equal results. Other threads or instructions change the order of
sums in oneDNN (github.com/oneapi-src/oneDNN/issues/1443). So by default oneDNN uses AVX2, which
almost every x86-64 processor since 2015 has, even if the processor has faster instructions.
"""

import gc
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from fashion.suppress_stderr import suppress_stderr

CPUINFO = Path("/proc/cpuinfo")
BFLOAT16 = {"amx": {"amx_tile", "amx_bf16"}, "avx512_bf16": {"avx512_bf16"}}
AVX512 = {"avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}}
AVX2 = {"avx2": {"avx2", "fma"}}
LEVELS = {  # of processor instructions that a training uses, the best first
    ("avx2", "float32"): AVX2,
    ("native", "float32"): AVX512 | AVX2,
    ("native", "bfloat16"): BFLOAT16,
}
GENERIC = "generic"
ISA_LIMIT = "ONEDNN_MAX_CPU_ISA"
POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
PACKAGES = ("tensorflow", "keras", "numpy")


def make_deterministic(
    seed: int, threads: int, instructions: str = "avx2", precision: str = "float32"
) -> None:
    """Seed Python, NumPy and TensorFlow, and compute on `threads` threads in a fixed order.

    `instructions` is `avx2` or `native` (all that the processor has). If `precision` is `bfloat16`,
    layers that are built afterwards compute in bfloat16 and have float32 weights, if the processor
    can (`supported`).

    Raises `RuntimeError` if TensorFlow has already started with other threads or instructions.
    Sources: tensorflow.org/api_docs/python/tf/config/experimental/enable_op_determinism,
    uxlfoundation.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html and
    keras.io/api/mixed_precision/policy.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # also on processors without AVX-512
    _limit_instructions(instructions)
    with suppress_stderr(), _without_garbage_collection():  # it logs oneDNN and missing GPUs
        import keras
        import tensorflow as tf

        tf.config.list_physical_devices()
    if tf.config.threading.get_intra_op_parallelism_threads() != threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(POLICIES[supported(precision)])
    keras.utils.set_random_seed(seed)


def _limit_instructions(instructions: str) -> None:
    """Let oneDNN use AVX2 at most (`avx2`), or all that the processor has (`native`).

    oneDNN reads the limit when it starts.
    """
    limit = {"avx2": "AVX2", "native": "DEFAULT"}[instructions]
    if "tensorflow" in sys.modules and os.environ.get(ISA_LIMIT, limit) != limit:
        raise RuntimeError(f"TensorFlow has started with {ISA_LIMIT}={os.environ[ISA_LIMIT]}")
    os.environ[ISA_LIMIT] = limit


def environment(
    threads: int, instructions: str = "avx2", precision: str = "float32"
) -> dict[str, str]:
    """What the last bits of results depend on: equal environments give equal bytes.

    The maker and the model of the processor are not part of it: with the same instructions,
    processors of two makers gave the same bytes.
    """
    precision = supported(precision)
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "instructions": _best(LEVELS[instructions, precision]),
        "precision": precision,
        "threads": str(threads),
        **{package: version(package) for package in PACKAGES},
    }


def supported(precision: str) -> str:
    """`precision`, or `float32` if it is `bfloat16` and this processor lacks the instructions."""
    return "float32" if precision == "bfloat16" and _best(BFLOAT16) == GENERIC else precision


def cpu_info(field: str) -> str:
    """The value of `field` for the first processor in `/proc/cpuinfo`; empty if there is none."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    fields = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in fields if name.strip() == field), "")


def _best(levels: Mapping[str, set[str]]) -> str:
    """The first of `levels` whose instructions this processor has, or `GENERIC`."""
    flags = set(cpu_info("flags").split())
    return next((level for level, needed in levels.items() if needed <= flags), GENERIC)


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
