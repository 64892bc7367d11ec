"""Unlock: remove DVC's `.dvc/tmp/rwlock` if no process that it names is alive.

DVC refuses to start while that file names a process that `psutil.pid_exists` knows. After a kill
in a container without an init process the killed one stays a zombie, which has an ID for ever. A
kill while DVC writes the file leaves it unreadable. It holds nothing that outlives a process.
`make repro` runs this before `dvc repro`. Run: `python -m tools.unlock`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil

from fashion import cli


def main(rwlock: str = ".dvc/tmp/rwlock") -> None:
    """Remove the file `rwlock` if it is stale, and say so."""
    path = Path(rwlock)
    if not path.exists():
        return
    try:
        processes = set(holders(path.read_text("utf-8")))
    except ValueError:
        path.unlink()
        print(f"{path}: removed: unreadable, as a kill of DVC leaves it")
        return
    if processes and not any(map(is_alive, processes)):
        path.unlink()
        print(f"{path}: removed: no process that it names is alive: {sorted(processes)}")


def holders(text: str) -> Iterator[int]:
    """The process IDs in the content of `rwlock`; raises `ValueError` if it is not DVC's JSON."""
    try:
        content = json.loads(text)
        readers = [info for infos in content.get("read", {}).values() for info in infos]
        for info in [*content.get("write", {}).values(), *readers]:
            yield int(info["pid"])
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not the format of dvc.rwlock: {error}") from error


def is_alive(process: int) -> bool:
    """Whether the process with the ID `process` exists and is not a zombie."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    cli.run(main)
