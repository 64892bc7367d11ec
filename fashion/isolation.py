"""The user's environment kept from changing results.

Libraries take settings from environment variables and from files that these name or that lie in
the home folder: another backend or data format of Keras, other kernels and thread counts, other
figures, another text encoding. `isolate` takes these settings away from this process and from those
that it starts. `stages` and `tools` call it when they are imported, before any library. The
predictor does not, as it runs in other people's programs.

All other variables stay: proxies, cache and temporary folders, credentials, `DVC_*`, `GIT_*`,
`KERASTUNER_*`, `CUDA_VISIBLE_DEVICES`, and what says which code is run (`PATH`, `PYTHONPATH`).
So does what the administrator of a machine sets where a library mistakes its processor and crashes
(`OPENBLAS_CORETYPE`): it belongs to the machine, as the processor does.
"""

import os
import sys
from pathlib import Path

REMOVED = (
    *("KERAS_", "TF_", "TF2ONNX_", "XLA_", "NVIDIA_TF32_OVERRIDE"),
    *("ONEDNN_", "DNNL_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "VECLIB_"),
    *("NPY_", "NUMPY_", "PANDAS_", "SCIPY_", "SKLEARN_", "ORT_"),
    *("MPL", "MATPLOTLIB"),
    *("LC_", "LANG", "PYTHONCOERCECLOCALE", "PYTHONIOENCODING", "PYTHONUTF8"),
    *("PYTHONOPTIMIZE", "PYTHONWARNINGS"),
)
KEPT = (
    "TF_CONFIG",  # the machines that train together
    "TF_CPP_MIN_LOG_LEVEL",
    "TF_FORCE_GPU_ALLOW_GROWTH",  # a GPU that several processes share
    "OPENBLAS_CORETYPE",
    "ORT_DISABLE_TELEMETRY",
)
SET = {
    "KERAS_BACKEND": "tensorflow",
    "KERAS_HOME": os.devnull,  # no `keras.json`, neither read nor written
    "MATPLOTLIBRC": os.devnull,
    "MPLCONFIGDIR": str(Path(__file__).resolve().parent.parent / ".runs" / "matplotlib"),
    "PYTHONUTF8": "1",  # of the processes that this one starts
    "TF_ENABLE_ONEDNN_OPTS": "1",  # as `fashion.determinism` turns it on for stages
}


def isolate() -> None:
    """Remove settings of the user from the environment, and put the project's in their place.

    Python has taken some of them when it started. Where these differ, `python -m NAME` starts
    again in this process; it then finds nothing to remove.
    """
    before = dict(os.environ)
    started_otherwise = (
        sys.getfilesystemencoding() != "utf-8"
        or (getattr(sys.stdout, "encoding", None) or "utf-8").lower() != "utf-8"
        or any(before.get(name) for name in ("PYTHONOPTIMIZE", "PYTHONWARNINGS"))
    )
    for name in before:
        if name.startswith(REMOVED) and name not in KEPT:
            del os.environ[name]
    os.environ.update(SET)
    is_starting = sys.argv[:1] == ["-m"]  # so it is while the package of the module is imported
    if started_otherwise and is_starting and before != dict(os.environ):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  no shell
