"""Unlock: remove DVC's lock file `.dvc/tmp/rwlock` if no process that it names is alive.

DVC refuses to start while that file names a process that exists. In a container without an init
process, a killed process remains as a zombie, so it exists for ever. And if DVC is killed while it
writes the file, the file becomes unreadable. It is safe to remove: it only names running processes.
`make repro` runs this before `dvc repro`. Run: `python -m tools.unlock`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil

from fashion import cli


def main(rwlock: str = ".dvc/tmp/rwlock") -> None:
    """Remove the file `rwlock` if it is stale or unreadable, and print why."""
    path = Path(rwlock)
    if not path.exists():
        return
    try:
        processes = set(process_ids(path.read_text("utf-8")))
    except ValueError:
        path.unlink()
        print(f"{path}: removed, since it was unreadable; DVC was probably killed")
        return
    if processes and not any(map(is_alive, processes)):
        path.unlink()
        print(f"{path}: removed, since these processes are not alive: {sorted(processes)}")


def process_ids(text: str) -> Iterator[int]:
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
