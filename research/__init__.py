"""Scripts behind figures and tables that no stage makes, run as `python -m research.NAME`."""

from fashion.isolation import isolate

isolate()
