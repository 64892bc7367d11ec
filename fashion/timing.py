"""How long a training took, and on what: the one kind of result that differs from run to run.

It is kept apart from everything that DVC hashes, with the fingerprint of the result it was taken
of: DVC may restore an earlier result from its cache, which would stand beside another's time.
"""

from pathlib import Path
from typing import Any

from fashion.digests import sha256


def make_record(seconds: float, machine: dict[str, Any], result: Path) -> dict[str, Any]:
    """The seconds it took `machine` (of `fashion.machine.signature`) to make the file `result`."""
    return {
        "seconds": round(seconds, 1),
        "machine": machine,
        "result_sha256": sha256(result),
    }


def belongs(record: dict[str, Any], result: Path) -> bool:
    """Whether `record` was made for the content that the file `result` has now."""
    return record.get("result_sha256") == sha256(result)
