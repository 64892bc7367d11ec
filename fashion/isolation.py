"""Keep the user's environment from changing results.

Libraries read settings from environment variables and from files in the home folder: another
backend of Keras, other kernels and thread counts, another style of figures, another text encoding.
`isolate` removes such variables from this process and from those that it starts, and hides such
files. `stages` and `tools` call it when they are imported, before any library. `fashion_predict`
does not, because it runs inside other people's programs.

All other variables stay: proxies, cache and temporary folders, credentials, `DVC_*`, `GIT_*`,
`KERASTUNER_*`, `CUDA_VISIBLE_DEVICES`, and those that say which code runs (`PATH`, `PYTHONPATH`).
`OPENBLAS_CORETYPE` also stays: it belongs to the machine, where an administrator sets it because
the library mistakes the processor and crashes.
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
    "PYTHONUTF8": "1",  # for the processes that this one starts
    "TF_ENABLE_ONEDNN_OPTS": "1",  # `fashion.models.determinism` sets the same
}


def isolate() -> None:
    """Replace the user's settings in the environment by the project's.

    Python reads some of them when it starts. If those differ, `python -m NAME` is started again in
    this process, and then finds nothing to remove.
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
    is_starting = sys.argv[:1] == ["-m"]  # true while the module's package is imported
    if started_otherwise and is_starting and before != dict(os.environ):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  no shell
