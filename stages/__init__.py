"""One script per stage of `dvc.yaml`, run as `python -m stages.NAME`."""

from fashion.isolation import isolate

isolate()

from fashion import code_version  # noqa: E402, F401  reads the code before a stage is imported
