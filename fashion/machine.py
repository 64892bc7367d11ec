"""What results were computed with: the one thing that may change their last bits.

Equal inputs give equal bytes on one kind of processor with equal versions and thread counts;
oneDNN chooses its kernels, and with them the order of sums, by instruction set and cores.
"""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("tensorflow", "keras", "numpy")
SWITCHES = ("TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA")
CPUINFO = Path("/proc/cpuinfo")
INSTRUCTION_SETS = ("avx", "fma", "avx2", "avx512", "avx_vnni", "amx", "asimd", "sve")


def signature(threads: int) -> dict[str, Any]:
    """Processor, its vector instructions and cores, `threads`, and what versions compute how."""
    return {
        "cpu": cpu_name(),
        "instructions": " ".join(sorted(vector_instructions())),
        "cores": os.cpu_count(),
        "threads": threads,
        "onednn": " ".join(f"{name}={os.environ[name]}" for name in SWITCHES if name in os.environ),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def cpu_name() -> str:
    """The processor's own name where the system tells it, else its architecture."""
    told = _cpuinfo("model name") or _cpuinfo("CPU part") or _sysctl("machdep.cpu.brand_string")
    return next(iter(told), platform.processor() or platform.machine())


def vector_instructions() -> set[str]:
    """Names of the vector extensions that Linux tells of; empty elsewhere."""
    names = next(iter(_cpuinfo("flags") or _cpuinfo("Features")), "").split()
    return {name for name in names if name.startswith(INSTRUCTION_SETS)}


def _sysctl(key: str) -> list[str]:
    """What macOS tells of itself; nothing elsewhere."""
    if platform.system() != "Darwin":
        return []
    done = subprocess.run(["sysctl", "-n", key], capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:1] if done.returncode == 0 else []


def _cpuinfo(key: str) -> list[str]:
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in pairs if name.strip() == key]
