"""The message of an error, to read its advice and follow it."""

from fashion.errors import FashionError


def refused(action):
    """Return the message of the `FashionError` that `action` raises."""
    try:
        action()
    except FashionError as error:
        return str(error)
    raise AssertionError("not refused")
