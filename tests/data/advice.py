"""Follow to the letter what an error message says, and see whether it leads on."""

import re
import shutil
from pathlib import Path

from fashion.errors import FashionError

EDITS = re.compile(
    r"rename '(?P<old>[^']+)' to '(?P<new>[^']+)'"
    r"|move '(?P<away>[^']+)' out of '"
    r"|move '(?P<moved>[^']+)' to '(?P<target>[^']+)'"
    r"|remove '(?P<gone>[^']+)'"
)


def follow(message):
    """Carry out each edit of folders that `message` names with its path; say how many."""
    edits = list(EDITS.finditer(message))
    for edit in edits:
        match edit.groupdict():
            case {"old": str(old), "new": str(new)}:
                Path(old).rename(new)
            case {"away": str(path)}:
                shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()
            case {"moved": str(path), "target": str(target)}:
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                assert not Path(target).exists()
                Path(path).rename(target)
            case {"gone": str(path)}:
                Path(path).rmdir()  # nothing is lost: it is empty by then
    return len(edits)


def refused(action):
    """What `action` is refused with."""
    try:
        action()
    except FashionError as error:
        return str(error)
    raise AssertionError("not refused")


def cured(action, edit):
    """What `action` gives after `edit`, which does as the message says that refuses it before."""
    edit(refused(action))
    return action()
