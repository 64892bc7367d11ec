"""What people run that is no stage: verification, benchmarks, reports, unlocking."""

from fashion.isolation import isolate

isolate()
