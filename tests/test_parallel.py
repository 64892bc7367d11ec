"""Searches and experiments in several processes at once, and storage that machines share."""

import asyncio
import threading
import time

import asyncssh
import pandas as pd
import pytest

from benchmarks.checkout import UP_TO_DATE, Checkout
from fashion.artifacts import read_json
from tests.conftest import another_machine, change_params, free_ports

MINUTES = 4
TRIALS = 5


def wait_until(happened, what):
    deadline = time.monotonic() + 60 * MINUTES
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.2)


@pytest.fixture
def tuners(project, tmp_path):
    """A chief, and two workers on checkouts of their own, of a search of some trials."""

    def change(document):
        document["tune"] |= {
            "lost_after_seconds": 6.0,
            "budget": {"trials": TRIALS, "minutes": 9.0},
        }
        document["tune"]["algorithm"] = {
            "kind": "random", "epochs": 15, "median_rule": {"trials": 9, "epochs": 1},
        }  # fmt: skip
        document["train"]["threads"] = 1

    change_params(project, change)
    (port,) = free_ports(1)
    names = ("chief", "worker1", "worker2")
    checkouts = [project, *(another_machine(project, tmp_path / name) for name in names[1:])]
    return {
        name: Checkout(
            checkout.folder,
            KERASTUNER_TUNER_ID=name,
            KERASTUNER_ORACLE_IP="127.0.0.1",
            KERASTUNER_ORACLE_PORT=str(port),
        )
        for name, checkout in zip(names, checkouts, strict=True)
    }


def test_a_chief_and_two_workers_search_and_a_killed_one_loses_only_its_trial(tuners):
    command = ("python", "-m", "stages.tune", "cnn")
    chief, *workers = [checkout.start(*command) for checkout in tuners.values()]
    trained = tuners["worker1"].folder / ".runs" / "tune"
    wait_until(lambda: list(trained.rglob("checkpoint-*")), "an epoch of the first worker")
    workers[0].kill()
    workers[0].communicate()
    said = chief.communicate(timeout=60 * MINUTES)[0]
    assert chief.returncode == 0, said[-2000:]
    assert workers[1].wait(timeout=60 * MINUTES) == 0
    assert said.count("worker1 is lost; trial ") == 1
    assert said.count("to end: ") == TRIALS
    workers[1].communicate()

    folder = tuners["chief"].folder / "reports" / "tune"
    trials = pd.read_csv(folder / "trials.csv", dtype={"trial": str})
    assert trials["trial"].tolist() == [str(number) for number in range(TRIALS)]
    assert trials["val_accuracy"].between(0, 1).all()
    for name in ("best.yaml", "parallel.csv", "importance.csv", "parallel.png", "importance.png"):
        assert (folder / name).exists()
    for worker in ("worker1", "worker2"):
        assert not (tuners[worker].folder / "reports" / "tune").exists()


def test_a_worker_with_another_space_is_told(tuners):
    def change(document):
        document["tune"]["space"]["network"]["kernel_size"] = [3]

    change_params(tuners["worker2"], change)
    command = ("python", "-m", "stages.tune", "cnn")
    chief = tuners["chief"].start(*command)
    done = tuners["worker2"].run(*command, check=False)
    chief.kill()
    chief.communicate()
    assert done.returncode == 1
    assert "the chief searches another tune.space" in done.stderr


def test_queued_experiments_run_two_at_a_time(project):
    for units in (4, 6):
        change = f"models.mlp.network.units=[{units}]"
        project.run("dvc", "exp", "run", "--queue", "-S", change, "evaluate@mlp")
    workers = project.start("dvc", "queue", "start", "-j", "2")
    both_at_once = []

    def ended():
        said = project.run("dvc", "queue", "status").stdout
        both_at_once.append(said.count("Running") == 2)
        return said.count("Success") == 2 or "Failed" in said

    wait_until(ended, "the end of the queue")
    project.run("dvc", "queue", "stop", "--kill")
    workers.communicate(timeout=60 * MINUTES)
    shown = project.run("dvc", "exp", "show", "--csv").stdout
    assert shown.count("[4]") == 1
    assert shown.count("[6]") == 1
    assert "Failed" not in project.run("dvc", "queue", "status").stdout
    assert any(both_at_once)
    assert UP_TO_DATE in project.run("dvc", "repro").stdout, "the workspace is as it was"
    assert project.git("status", "--porcelain") == ""


class Passwords(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("dvc", "secret")


@pytest.fixture
def ssh_port():
    """An SSH server on loopback, whose SFTP shows this machine's files."""
    loop = asyncio.new_event_loop()

    async def serve():
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Passwords,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            sftp_factory=True,
        )

    server = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.get_port()

    async def stop():
        server.close()
        await server.wait_closed()

    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def add_remote(checkout, folder, port):
    checkout.run("dvc", "remote", "add", "--default", "team", f"ssh://127.0.0.1:{port}{folder}")
    for name, value in (("user", "dvc"), ("password", "secret"), ("allow_agent", "false")):
        checkout.run("dvc", "remote", "modify", "--local", "team", name, value)


def test_what_one_pushes_another_pulls_and_trains_nothing(project, ssh_port, tmp_path):
    add_remote(project, tmp_path / "storage", ssh_port)
    project.run("dvc", "push", "--run-cache")
    clone = Checkout.clone(project.folder, tmp_path / "clone")
    add_remote(clone, tmp_path / "storage", ssh_port)
    assert clone.stages_run("--pull") == []
    assert clone.found() == clone.recorded()
    assert UP_TO_DATE in clone.run("dvc", "repro").stdout
    model = clone.folder / "models" / "mlp.keras"
    assert model.exists()
    assert model.stat().st_size == read_json(clone.folder / "reports/mlp/model.json")["bytes"]
