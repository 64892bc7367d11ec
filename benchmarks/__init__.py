"""How fast and how good, measured beside a yardstick: `make bench` writes `reports/benchmarks/`.

Each file answers one question and runs by itself, as `python -m benchmarks.NAME`. All compare
whole processes in turns, so that a machine that slows down slows all of them; all report medians.
"""
