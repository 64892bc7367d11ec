"""What the figures were measured on."""

import platform
from importlib.metadata import version
from typing import Any

import psutil

from fashion.machine import cpu_name
from fashion.params import load_params

PACKAGES = ("tensorflow", "keras", "numpy", "dvc")


def describe(*packages: str) -> dict[str, Any]:
    """Processor, its cores, the threads that were used, and versions, also of `packages`."""
    return {
        "cpu": cpu_name(),
        "cores": psutil.cpu_count(logical=True),
        "threads": load_params().train.threads,
        "python": platform.python_version(),
        **{package: version(package) for package in (*PACKAGES, *packages)},
    }
