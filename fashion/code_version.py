"""The source code as it was when this process started, compared with the files as they are now.

DVC hashes the dependencies of a stage after its command has ended. It would record code that was
edited during the run as the code that made the outputs (github.com/treeverse/dvc/issues/11058).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion import PLUMBING
from fashion.config.loader import sections_loaded
from fashion.errors import FashionError

ROOT = Path(__file__).resolve().parent.parent
CODE = ("fashion", "fashion_predict", "stages", "tools/tune.py")


def _content(path: Path) -> bytes | None:
    """What the file `path` holds; None if it is gone."""
    try:
        return path.read_bytes()
    except OSError:
        return None


# Read when this module is imported, which `stages` does before a stage is imported. Modification
# times would not do: the clock may be wrong, and an editor may save a file without a change.
AT_START = {
    path: _content(path)
    for name in CODE
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
            f"{' and '.join(what for what, names in changed.items() if names)} changed during the "
            "run, so the results were not recorded; run it again: "
            f"{', '.join(name for names in changed.values() for name in names)}"
        )


def edited_code() -> list[str]:
    """The files of `loaded_code` whose content differs from that when this process started."""
    return [
        str(path.relative_to(ROOT))
        for path in loaded_code()
        if path not in AT_START or _content(path) != AT_START[path]
    ]


def loaded_code() -> list[Path]:
    """The files of `CODE` that this process has imported, without plumbing and `__init__.py`."""
    files = (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
    paths = {Path(file).resolve() for file in files if file}
    return sorted(
        path
        for path in paths
        if path.name != "__init__.py"
        and any(path.is_relative_to(ROOT / name) for name in CODE)
        and not any(path.is_relative_to(ROOT / name) for name in PLUMBING)
    )
