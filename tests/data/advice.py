"""Follows the advice in an error message to the letter."""

import re
import shutil
from pathlib import Path

from fashion.errors import FashionError

EDITS = re.compile(r"rename '(?P<old>[^']+)' to '(?P<new>[^']+)'|move '(?P<away>[^']+)' out of '")


def follow(message):
    """Rename and move away the folders that `message` names."""
    edits = [*EDITS.finditer(message)]
    assert edits
    for edit in edits:
        if edit["old"]:
            Path(edit["old"]).rename(edit["new"])
        else:
            shutil.rmtree(edit["away"])


def refused(action):
    """The message of the `FashionError` that `action` raises."""
    try:
        action()
    except FashionError as error:
        return str(error)
    raise AssertionError("not refused")
