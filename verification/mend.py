"""Mend: what a kill in the very moment in which DVC writes its own records leaves behind.

DVC writes `.dvc/tmp/rwlock` and `dvc.lock` in place. Killed in between, it leaves one of them cut
off, and then refuses to start. The first holds nothing that outlives a process. Of the second Git
has the last commit, and what has run since DVC takes from its run cache; what was left of it is
kept in `.dvc/tmp/dvc.lock.cut-off`. `make repro` looks first.
Run: `python -m verification.mend`.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from voluptuous import Invalid

from benchmarks.checkout import ROOT, Checkout
from fashion import command

CONFLICT = "<<<<<<<"
WRITING_SECONDS = 0.3  # what is still cut off after this is not being written


def main(root: Path = ROOT) -> None:
    """Mend DVC's records in the checkout `root`, and say what was mended."""
    for line in mend(Checkout(root)):
        print(line)


def mend(checkout: Checkout) -> Iterator[str]:
    """Remove or restore each record that is cut off."""
    rwlock, lock = checkout.folder / ".dvc" / "tmp" / "rwlock", checkout.folder / "dvc.lock"
    if _is_cut_off(rwlock, json.loads):
        rwlock.unlink()
        yield ".dvc/tmp/rwlock: was cut off by a kill of DVC; removed"
    if _is_cut_off(lock, _check_lock):
        rwlock.parent.mkdir(exist_ok=True)
        shutil.copy(lock, rwlock.with_name("dvc.lock.cut-off"))
        checkout.git("checkout", "HEAD", "--", lock.name)
        yield "dvc.lock: was cut off by a kill of DVC; restored from the last commit"


def _is_cut_off(path: Path, check: Callable[[str], object]) -> bool:
    """Whether `check` refuses what is in `path`, also once whoever writes it had time to end."""
    for pause in (0, WRITING_SECONDS):
        time.sleep(pause)
        try:
            check(path.read_text("utf-8"))
        except FileNotFoundError:
            return False
        except (ValueError, YAMLError, Invalid):
            continue
        return False
    return True


def _check_lock(text: str) -> None:
    if CONFLICT in text:  # a merge to be resolved by who made it
        return
    COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe", pure=True).load(text))


if __name__ == "__main__":
    command.run(main)
