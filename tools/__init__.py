"""What people run that is no stage: verification, benchmarks, reports, unlocking."""
