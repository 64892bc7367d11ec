"""Commands in a checkout are isolated from the user's settings of Git and DVC."""

import subprocess

import pytest

from tests.conftest import ROOT
from tools.checkout import Checkout


@pytest.fixture
def repository(tmp_path):
    checkout = Checkout(tmp_path / "one")
    checkout.folder.mkdir()
    checkout.git("init", "--quiet")
    (checkout.folder / "file").write_text("committed")
    checkout.git("add", "file")
    checkout.git("commit", "--quiet", "--message=One")
    return checkout


def test_commands_see_neither_variables_of_dvc_nor_of_git(repository, monkeypatch):
    monkeypatch.setenv("DVC_TEST", "1")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    assert not {"DVC_TEST", "GIT_DIR"} & Checkout(repository.folder).environment.keys()


def test_user_settings_of_git_change_neither_commits_nor_line_ends(tmp_path, monkeypatch, request):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-checkout"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "attributes").write_text("* text eol=crlf\n")
    (tmp_path / ".gitconfig").write_text(
        f"[core]\nautocrlf = true\neol = crlf\nhooksPath = {hooks}\n"
        f"attributesFile = {tmp_path}/attributes\n"
        "[commit]\ngpgSign = true\n[user]\nsigningKey = none\n[color]\nui = always\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    request.getfixturevalue("repository")  # a commit works

    def git(*arguments):
        command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    git("clone", "--quiet", str(ROOT), "clone")
    entries = git("-C", "clone", "ls-files", "--stage").stdout.splitlines()
    committed = {line.split("\t")[1]: line.split()[1] for line in entries}
    assert any(name.endswith(".py") for name in committed)
    found = git("-C", "clone", "hash-object", "--no-filters", "--", *committed).stdout.split()
    assert dict(zip(committed, found, strict=True)) == committed
