"""How fast and how good: each file predictions one question, as `python -m benchmarks.NAME`.

What they find is in `reports/benchmarks/`. What is compared runs in turns, so that a machine that
slows down slows all of it, and medians are reported; `memory` tells peaks, `seeds` what training
with other seeds gives. `make bench` runs what measures speed and memory, `make seeds` the seeds.
"""

from fashion.isolation import isolate

isolate()
