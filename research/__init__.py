"""What made the figures and tables of `reports/` that no stage makes: `python -m research.NAME`."""

from fashion.isolation import isolate

isolate()
