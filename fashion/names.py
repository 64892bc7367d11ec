"""How names look in a message."""

from collections.abc import Iterable

SHOWN = 5  # names in a message


def some(names: Iterable[object]) -> str:
    """The first of `names` in quotes, and how many more there are.

    >>> some("abcdefg")
    "'a', 'b', 'c', 'd', 'e' and 2 more"
    """
    quoted = [f"'{name}'" for name in names]
    more = f" and {len(quoted) - SHOWN} more" if len(quoted) > SHOWN else ""
    return ", ".join(quoted[:SHOWN]) + more
