"""How fast and how good, against a baseline: `make bench` writes `reports/benchmarks/`.

Each file answers one question and runs by itself, as `python -m tools.bench.NAME`. All compare
whole processes in turns, so that a machine that slows down slows all of them; all report medians.
"""
