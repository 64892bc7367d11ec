import sys

import pytest

from fashion import command
from fashion.errors import FashionError


class RefusedError(FashionError):
    exit_code = 7


def run(monkeypatch, main, *arguments, names=()):
    monkeypatch.setattr(sys, "argv", ["stage", *arguments])
    command.run(main, *names)


def test_named_arguments_reach_main(monkeypatch):
    received = []
    run(monkeypatch, lambda network: received.append(network), "mlp", names=["network"])
    assert received == ["mlp"]


def test_an_error_of_the_project_is_one_line_and_its_exit_code(monkeypatch, capsys):
    def main():
        raise RefusedError("what was expected, what was found")

    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, main)
    assert stop.value.code == 7
    assert capsys.readouterr().err == "what was expected, what was found\n"


def test_what_the_system_refuses_is_one_line(monkeypatch, capsys):
    def main():
        raise OSError(28, "No space left on device", "models/x")

    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, main)
    assert stop.value.code == 1
    expected = "the system refused: [Errno 28] No space left on device: 'models/x'\n"
    assert capsys.readouterr().err == expected


def test_an_interrupt_says_what_to_do(monkeypatch, capsys):
    def main():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, main)
    assert stop.value.code == 130
    assert "run the same command again" in capsys.readouterr().err


def test_a_defect_keeps_its_traceback(monkeypatch):
    def main():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(monkeypatch, main)


@pytest.mark.parametrize("arguments", [[], ["mlp", "cnn"]])
def test_wrong_arguments_are_refused_with_the_usage(monkeypatch, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, lambda network: None, *arguments, names=["network"])
    assert stop.value.code == 2
    assert "usage: stage" in capsys.readouterr().err
