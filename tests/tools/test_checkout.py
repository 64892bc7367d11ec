"""`tools.checkout` runs commands in folders that share nothing with this machine."""

import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT
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


@pytest.fixture
def git_settings(tmp_path, monkeypatch):
    """Settings of a user that change files, run programs, or need a key."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-checkout"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    attributes = tmp_path / "attributes"
    attributes.write_text("* text eol=crlf\n")
    lines = (
        f"[core]\nautocrlf = true\neol = crlf\nhooksPath = {hooks}\nattributesFile = {attributes}",
        "[commit]\ngpgSign = true\n[user]\nsigningKey = none\n[color]\nui = always",
    )
    (tmp_path / ".gitconfig").write_text("\n".join(lines))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_settings_of_git_change_no_clone_and_no_commit(git_settings, repository, tmp_path):
    (repository.folder / "file").write_text("one\ntwo\n")
    shutil.copy(ROOT / ".gitattributes", repository.folder)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message=Two")
    clone = Checkout.clone(repository.folder, tmp_path / "two")
    assert (clone.folder / "file").read_bytes() == b"one\ntwo\n"


def test_a_clone_of_a_user_who_converts_line_ends_has_the_bytes_that_were_committed(
    git_settings, tmp_path
):
    def git(*arguments):
        command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    git("clone", "--quiet", str(ROOT), "clone")
    entries = git("-C", "clone", "ls-files", "--stage").stdout.splitlines()
    committed = {line.split("\t")[1]: line.split()[1] for line in entries}
    assert len([name for name in committed if name.endswith(".py")]) > 200
    found = git("-C", "clone", "hash-object", "--no-filters", "--", *committed).stdout.split()
    assert dict(zip(committed, found, strict=True)) == committed


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
