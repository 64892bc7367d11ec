"""What results were computed with: the one thing that may change their last bits.

Equal inputs give equal bytes on one kind of processor with equal versions and thread counts;
oneDNN chooses its kernels, and with them the order of sums, by instruction set and cores.
"""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("tensorflow", "keras", "numpy")
CPUINFO = Path("/proc/cpuinfo")
INSTRUCTION_SETS = ("avx", "fma", "avx2", "avx512", "avx_vnni", "amx", "asimd", "sve")


def signature(threads: int) -> dict[str, Any]:
    """Processor, its vector instructions, `threads`, and the versions that compute."""
    return {
        "cpu": cpu_name(),
        "instructions": " ".join(sorted(vector_instructions())),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def cpu_name() -> str:
    """The processor's own name where the system tells it, else its architecture."""
    return next(iter(_cpuinfo("model name")), platform.processor() or platform.machine())


def vector_instructions() -> set[str]:
    """Names of the vector extensions that Linux tells of; empty elsewhere."""
    names = next(iter(_cpuinfo("flags") or _cpuinfo("Features")), "").split()
    return {name for name in names if name.startswith(INSTRUCTION_SETS)}


def _cpuinfo(key: str) -> list[str]:
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in pairs if name.strip() == key]
