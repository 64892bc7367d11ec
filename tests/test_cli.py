import sys

import pytest

from fashion import cli
from fashion.errors import FashionError


class RefusedError(FashionError):
    exit_code = 7


def run(monkeypatch, main, *arguments, names=()):
    monkeypatch.setattr(sys, "argv", ["stage", *arguments])
    cli.run(main, *names)


def ended(monkeypatch, error):
    """The exit code of a stage in which `error` is raised."""

    def main():
        raise error

    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, main)
    return stop.value.code


def test_named_arguments_reach_main(monkeypatch):
    received = []
    run(monkeypatch, lambda network: received.append(network), "mlp", names=["network"])
    assert received == ["mlp"]


def test_an_argument_with_a_default_may_be_left_out(monkeypatch):
    received = []

    def main(extent="whole"):
        received.append(extent)

    run(monkeypatch, main, names=["extent"])
    run(monkeypatch, main, "quick", names=["extent"])
    assert received == ["whole", "quick"]


def test_an_error_of_the_project_is_one_line_and_its_exit_code(monkeypatch, capsys):
    assert ended(monkeypatch, RefusedError("what was expected, what was received")) == 7
    assert capsys.readouterr().err == "what was expected, what was received\n"


@pytest.mark.parametrize(
    ("error", "printed"),
    [
        (OSError(28, "No space left on device", "models/x"), "No space left on device: models/x"),
        (OSError("1024 requested and 0 written"), "1024 requested and 0 written"),
    ],
)
def test_an_error_of_the_operating_system_is_one_line_in_its_own_words(
    monkeypatch, capsys, error, printed
):
    assert ended(monkeypatch, error) == 1
    assert capsys.readouterr().err == f"{printed}\n"


def test_an_interrupt_tells_what_to_do(monkeypatch, capsys):
    assert ended(monkeypatch, KeyboardInterrupt()) == 130
    assert "a training resumes after its last complete epoch" in capsys.readouterr().err


def test_a_defect_keeps_its_traceback(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        run(monkeypatch, lambda: 1 / 0)


@pytest.mark.parametrize("arguments", [[], ["mlp", "cnn"]])
def test_wrong_arguments_are_refused_with_the_usage(monkeypatch, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, lambda network: None, *arguments, names=["network"])
    assert stop.value.code == 2
    assert "usage: stage" in capsys.readouterr().err


def test_a_stage_runs_once_at_a_time(monkeypatch, tmp_path, capsys):
    def main(network):
        with pytest.raises(SystemExit):
            cli.run_stage(main, "network")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage", "mlp"])
    monkeypatch.setattr("fashion.config.loader._loaded", {})
    cli.run_stage(main, "network")
    assert "test_cli@mlp is already running" in capsys.readouterr().err


@pytest.mark.parametrize("is_changed", [False, True])
def test_what_a_stage_returns_is_called_unless_its_code_has_changed(
    monkeypatch, tmp_path, capsys, is_changed
):
    called = []

    def main():
        if is_changed:
            monkeypatch.setattr("fashion.guards.AT_START", {})
        return lambda: called.append(True)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage"])
    monkeypatch.setattr("fashion.config.loader._loaded", {})
    monkeypatch.setattr("fashion.cli.sys.exit", lambda code: None)
    cli.run_stage(main)
    assert called == ([] if is_changed else [True])
    assert ("source code changed during the run" in capsys.readouterr().err) == is_changed
