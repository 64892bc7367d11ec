"""Detect changes of the source code while a stage runs.

DVC hashes the dependencies of a stage after its command has ended. If a file was edited during the
run, DVC would record the new code for the outputs of the old
(github.com/treeverse/dvc/issues/11058).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion import PLUMBING
from fashion.config.loader import sections_loaded
from fashion.errors import FashionError

ROOT = Path(__file__).resolve().parent.parent
CODE_PATHS = ("fashion", "fashion_predict", "stages", "tools/tune.py")


def _read_or_none(path: Path) -> bytes | None:
    """The content of the file `path`; None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


# Read when this module is imported: `stages` imports it before any stage. Modification times are
# not reliable, because the clock may be wrong and an editor may save an unchanged file.
CONTENT_AT_START = {
    path: _read_or_none(path)
    for name in CODE_PATHS
    for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
}


class CodeVersionError(FashionError):
    """Source code or parameters that changed while they were in use."""


@contextmanager
def refuse_changes() -> Iterator[None]:
    """Run the block, then raise `CodeVersionError` if code or parameters that it used changed."""
    yield
    changed = {
        "source code": edited_code(),
        "parameters": [key for key, is_same in sections_loaded() if not is_same],
    }
    if any(changed.values()):
        raise CodeVersionError(
            f"{' and '.join(kind for kind, names in changed.items() if names)} changed during the "
            "run, so the results were not recorded; run it again: "
            f"{', '.join(name for names in changed.values() for name in names)}"
        )


def edited_code() -> list[str]:
    """The files of `loaded_code` that were edited after this process started."""
    return [
        str(path.relative_to(ROOT))
        for path in loaded_code()
        if path not in CONTENT_AT_START or _read_or_none(path) != CONTENT_AT_START[path]
    ]


def loaded_code() -> list[Path]:
    """The files of `CODE_PATHS` that this process imported, except plumbing and `__init__.py`."""
    files = (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
    paths = {Path(file).resolve() for file in files if file}
    return sorted(
        path
        for path in paths
        if path.name != "__init__.py"
        and any(path.is_relative_to(ROOT / name) for name in CODE_PATHS)
        and not any(path.is_relative_to(ROOT / name) for name in PLUMBING)
    )
