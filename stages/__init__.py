"""One script per stage of `dvc.yaml`, run as `python -m stages.NAME`."""

from fashion.isolation import isolate

isolate()

from fashion import guards  # noqa: E402, F401  keeps what the code is, before the stage is read
