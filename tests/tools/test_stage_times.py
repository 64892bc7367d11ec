"""What `make repro` ran, and how long it took."""

import os

from fashion import cli
from tools import stage_times


def write(name, seconds, time):
    cli.SECONDS.mkdir(parents=True, exist_ok=True)
    (cli.SECONDS / name).write_text(f"{seconds}\n")
    os.utime(cli.SECONDS / name, (time, time))


def test_stages_since_the_start_are_listed_in_their_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write("download", 3, time=1)
    stage_times.STARTED.touch()
    os.utime(stage_times.STARTED, (2, 2))
    stage_times.main()
    assert capsys.readouterr().out == f"No stage had to run.\n{stage_times.NEXT}\n"
    write("train@mlp", 3725.4, time=4)
    write("preprocess", 1.8, time=3)
    stage_times.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[2:-1]] == [
        ["preprocess", "0:00:02"],
        ["train@mlp", "1:02:05"],
        ["all", "1:02:07"],
    ]


def test_a_stage_writes_its_seconds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["stage", "mlp"])
    monkeypatch.setattr("fashion.config.loader._loaded", {})

    def main(network):
        """Does nothing."""

    cli.run_stage(main, "network")
    assert float((cli.SECONDS / "test_stage_times@mlp").read_text()) < 60
