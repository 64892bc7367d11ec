"""Measurements of speed, memory and the spread over seeds, run as `python -m benchmarks.NAME`.

Results are written to `reports/benchmarks/`. Contenders run in turns, so that a machine that
becomes slower affects all of them, and medians are reported. `make bench` measures speed and
memory, `make seeds` the scores of several seeds.
"""

from fashion.isolation import isolate

isolate()
