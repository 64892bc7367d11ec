import os

import pytest

from fashion.errors import FashionError
from fashion.suppress_stderr import suppress_stderr


def test_native_output_is_hidden_and_stderr_restored(capfd):
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
def test_hidden_output_is_shown_after_a_defect_but_not_after_a_fashion_error(capfd, error, shown):
    def fail():
        with suppress_stderr():
            os.write(2, b"inside ")
            raise error

    with pytest.raises(type(error)):
        fail()
    os.write(2, b"after")
    assert capfd.readouterr().err == f"{shown}after"
