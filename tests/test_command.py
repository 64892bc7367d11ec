import sqlite3
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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(28, "No space left on device", "models/x"),
            "[Errno 28] No space left on device: 'models/x'",
        ),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full"),
    ],
)
def test_what_the_system_refuses_is_one_line(monkeypatch, capsys, error, said):
    def main():
        raise error

    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, main)
    assert stop.value.code == 1
    assert capsys.readouterr().err == f"the system refused: {said}\n"


def test_an_interrupt_says_what_to_do(monkeypatch, capsys):
    def main():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, main)
    assert stop.value.code == 130
    assert "a training goes on after its last whole epoch" in capsys.readouterr().err


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


def run_as_stage(monkeypatch, folder, main, stage):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["stage", "mlp"])
    monkeypatch.delenv("DVC_STAGE", raising=False)
    if stage:
        monkeypatch.setenv("DVC_STAGE", stage)
    command.run_stage(main, "network")


def test_a_stage_runs_once_at_a_time(monkeypatch, tmp_path, capsys):
    def main(network):
        with pytest.raises(SystemExit):
            command.run_stage(main, "network")

    run_as_stage(monkeypatch, tmp_path, main, stage=None)
    assert "test_command@mlp is running here already" in capsys.readouterr().err


@pytest.mark.parametrize("stage", ["train@mlp", None])
def test_an_edit_meanwhile_stops_what_dvc_would_record_and_nothing_else(
    monkeypatch, tmp_path, capsys, stage
):
    (tmp_path / "dvc.yaml").write_text("stages: {train: {params: [seed]}}")
    (tmp_path / "params.yaml").write_text("seed: 0")

    def main(network):
        (tmp_path / "params.yaml").write_text("seed: 1")

    if stage:
        with pytest.raises(SystemExit) as stop:
            run_as_stage(monkeypatch, tmp_path, main, stage)
        assert stop.value.code == 1
        assert capsys.readouterr().err.startswith("seed changed while train@mlp ran")
    else:
        run_as_stage(monkeypatch, tmp_path, main, stage)
