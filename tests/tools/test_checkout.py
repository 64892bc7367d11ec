"""`tools.checkout` runs commands in folders that share nothing with this machine."""

import sys

import pytest

from tools.checkout import Checkout, CheckoutError


@pytest.fixture
def repository(tmp_path):
    checkout = Checkout(tmp_path / "one")
    checkout.folder.mkdir()
    checkout.git("init", "--quiet")
    (checkout.folder / "file").write_text("committed")
    checkout.git("add", "file")
    checkout.git("commit", "--quiet", "--message=One")
    return checkout


def test_a_clone_is_what_was_committed_and_nothing_else(repository, tmp_path):
    (repository.folder / "file").write_text("changed")
    (repository.folder / "other").touch()
    clone = Checkout.clone(repository.folder, tmp_path / "two")
    assert (clone.folder / "file").read_text() == "committed"
    assert not (clone.folder / "other").exists()


def test_commands_see_neither_settings_of_dvc_nor_of_git(repository, monkeypatch):
    monkeypatch.setenv("DVC_TEST", "1")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    environment = Checkout(repository.folder, TZ="UTC").environment
    assert not {"DVC_TEST", "GIT_DIR"} & environment.keys()
    assert environment["TZ"] == "UTC"
    assert environment["PATH"].startswith(sys.prefix)
    assert environment["DVC_GLOBAL_CONFIG_DIR"].startswith(str(repository.folder))


def test_a_command_that_fails_says_what_it_printed(repository):
    with pytest.raises(CheckoutError, match=r"git .*show nothing failed:\n.*unknown revision"):
        repository.git("show", "nothing")
    assert repository.run("git", "show", "nothing", check=False).returncode


@pytest.mark.slow
def test_dvc_tells_what_it_ran_and_that_nothing_is_left_to_run(project):
    assert project.is_up_to_date()
    style = project.folder / "fashion/plots/style.py"
    style.write_text(f"{style.read_text()}# changed\n")
    assert not project.is_up_to_date()
    assert project.stages_run("plot@mlp") == ["plot@mlp"]
    assert "plot@mlp" in project.lock()
