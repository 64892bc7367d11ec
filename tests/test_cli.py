import sys

import pytest

from fashion import cli
from fashion.errors import FashionError


class RefusedError(FashionError):
    exit_code = 7


@pytest.fixture
def call(monkeypatch):
    """A function that runs `main` with these words on the command line."""

    def call(main, *words, run=cli.run, names=(), **options):
        monkeypatch.setattr(sys, "argv", ["stage", *words])
        run(main, *names, **options)

    return call


def test_an_argument_reaches_main_and_is_optional_if_it_has_a_default(call):
    received = []

    def main(extent="whole"):
        received.append(extent)

    call(main, names=["extent"])
    call(main, "quick", names=["extent"])
    assert received == ["whole", "quick"]


@pytest.mark.parametrize("words", [[], ["mlp", "cnn"]])
def test_wrong_arguments_are_refused_with_the_usage(call, capsys, words):
    with pytest.raises(SystemExit) as stop:
        call(lambda network: None, *words, names=["network"])
    assert stop.value.code == 2
    assert "usage: stage" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "unit", "code", "printed"),
    [
        (RefusedError("expected, found"), "", 7, "expected, found"),
        (OSError(28, "No space left on device", "models/x"), "", 1, "No space left on device: mod"),
        (KeyboardInterrupt(), "", 130, "interrupted\n"),
        (KeyboardInterrupt(), "epoch", 130, "interrupted; run it again to resume"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(call, capsys, error, unit, code, printed):
    def main():
        raise error

    with pytest.raises(SystemExit) as stop:
        call(main, resumes_after=unit)
    assert stop.value.code == code
    text = capsys.readouterr().err
    assert text.startswith(printed)
    assert text.count("\n") == 1


@pytest.mark.parametrize("is_changed", [False, True])
def test_what_a_stage_returns_is_called_unless_its_code_has_changed(
    call, monkeypatch, tmp_path, is_changed
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fashion.config.loader._loaded", {})
    called = []

    def main():
        if is_changed:
            monkeypatch.setattr("fashion.code_version.CONTENT_AT_START", {})
        return lambda: called.append(True)

    monkeypatch.setattr(sys, "exit", lambda code: None)
    call(main, run=cli.run_stage)
    assert called == ([] if is_changed else [True])
