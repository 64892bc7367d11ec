"""Commands that are not stages, run as `python -m tools.NAME`."""

from fashion.isolation import isolate

isolate()
