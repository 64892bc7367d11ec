"""Experiments in several processes at once, and storage that machines share."""

import asyncio
import threading
import time

import asyncssh
import pytest

from tools.checkout import UP_TO_DATE, Checkout

pytestmark = pytest.mark.slow
MINUTES = 4


def test_queued_experiments_run_two_at_a_time(project):
    for units in (4, 6):
        change = f"models.mlp.network.units=[{units}]"
        project.run("dvc", "exp", "run", "--queue", "-S", change, "evaluate@mlp")
    workers = project.start("dvc", "queue", "start", "-j", "2")
    both_at_once = []

    def ended():
        printed = project.run("dvc", "queue", "status").stdout
        both_at_once.append(printed.count("Running") == 2)
        return printed.count("Success") == 2 or "Failed" in printed

    deadline = time.monotonic() + 60 * MINUTES
    while not ended():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    project.run("dvc", "queue", "stop", "--kill")
    workers.communicate(timeout=60 * MINUTES)
    shown = project.run("dvc", "exp", "show", "--csv").stdout
    assert shown.count("[4]") == 1
    assert shown.count("[6]") == 1
    assert "Failed" not in project.run("dvc", "queue", "status").stdout
    assert any(both_at_once)
    assert UP_TO_DATE in project.run("dvc", "repro").stdout, "the workspace is unchanged"
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
    """The port of an SSH server on this machine, which gives access to its files by SFTP."""
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


def test_pulled_results_need_no_training(project, ssh_port, tmp_path):
    add_remote(project, tmp_path / "storage", ssh_port)
    project.run("dvc", "push", "--run-cache")
    clone = Checkout.clone(project.folder, tmp_path / "clone")
    add_remote(clone, tmp_path / "storage", ssh_port)
    assert clone.stages_run("--pull") == []
    assert UP_TO_DATE in clone.run("dvc", "repro").stdout
    assert (clone.folder / "models/mlp.keras").read_bytes() == (
        project.folder / "models/mlp.keras"
    ).read_bytes()
