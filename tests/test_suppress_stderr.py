"""Output of native code on stderr is held back, and shown if the block raises a defect."""

import os

import pytest

from fashion.errors import FashionError
from fashion.suppress_stderr import suppress_stderr


def test_native_output_is_held_back_and_stderr_comes_back(capfd):
    os.write(2, b"before ")
    with suppress_stderr():
        os.write(2, b"inside ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


@pytest.mark.parametrize(
    ("error", "shown"),
    [(RuntimeError("a defect"), "inside "), (FashionError("one line"), "")],
    ids=["defect", "FashionError"],
)
def test_held_back_output_is_shown_for_a_defect_but_not_for_a_fashion_error(capfd, error, shown):
    def fail():
        with suppress_stderr():
            os.write(2, b"inside ")
            raise error

    with pytest.raises(type(error)):
        fail()
    os.write(2, b"after")
    assert capfd.readouterr().err == f"{shown}after"
