"""What native code writes to stderr is held back, and shown where it explains a defect."""

import os

import pytest

from fashion.errors import FashionError
from fashion.silence import silent_stderr


def test_native_output_is_held_back_and_stderr_comes_back(capfd):
    os.write(2, b"before ")
    with silent_stderr():
        os.write(2, b"inside ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


@pytest.mark.parametrize(
    ("error", "shown"),
    [(RuntimeError("a defect"), "inside "), (FashionError("one line"), "")],
    ids=["defect", "told"],
)
def test_a_defect_shows_all_that_was_held_back_and_a_told_error_none(capfd, error, shown):
    def fail():
        with silent_stderr():
            os.write(2, b"inside ")
            raise error

    with pytest.raises(type(error)):
        fail()
    os.write(2, b"after")
    assert capfd.readouterr().err == f"{shown}after"
