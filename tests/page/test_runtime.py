"""The runtime is the pinned one, whoever served it, and npm is needed once."""

import base64
import hashlib
import io
import os
import tarfile

import pytest

from tests.conftest import ROOT, files
from tools.page import runtime
from tools.page.runtime import RuntimeFileError, fetch_missing

CONTENT = {name: f"the content of {name}".encode() for name in runtime.FILES}
NPM = """#!/bin/sh
test "$1 $2" = "pack {package}" || exit 9
cp "{archive}" .
"""


@pytest.fixture
def pinned(monkeypatch):
    """Other content, pinned as the runtime is."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
    monkeypatch.setattr(runtime, "FILES", digests)


@pytest.fixture
def npm(pinned, tmp_path, monkeypatch):
    """Put an npm first on PATH that runs a script; without one it packs `CONTENT` and more."""

    def put(script=None, extra=b""):
        archive = tmp_path / "archive.tgz"
        with tarfile.open(archive, "w:gz") as package:
            for name, content in {**CONTENT, "other.wasm": b"large" + extra}.items():
                about = tarfile.TarInfo(f"package/dist/{name}")
                about.size = len(content)
                package.addfile(about, io.BytesIO(content))
        if not extra:
            found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            monkeypatch.setattr(runtime, "INTEGRITY", found)
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin/npm"
        program.write_text(script or NPM.format(archive=archive, package=runtime.PACKAGE))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.fixture
def no_npm(pinned, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


def refused(folder):
    with pytest.raises(RuntimeFileError) as refusal:
        fetch_missing(folder)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_three_files_of_the_package_are_taken_and_npm_is_not_asked_again(
    npm, tmp_path, monkeypatch
):
    npm()
    fetch_missing(tmp_path / "runtime")
    assert files(tmp_path / "runtime") == set(CONTENT)
    for name, content in CONTENT.items():
        assert (tmp_path / "runtime" / name).read_bytes() == content
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    fetch_missing(tmp_path / "runtime")


def test_another_package_is_refused_and_nothing_of_it_taken(npm, tmp_path):
    npm(extra=b"!")
    assert "checksum mismatch: expected sha512-" in refused(tmp_path / "runtime")
    assert not (tmp_path / "runtime").exists()


def test_a_file_that_is_not_the_pinned_one_is_refused_by_its_name(npm, tmp_path):
    npm()
    fetch_missing(tmp_path / "runtime")
    name = next(iter(CONTENT))
    (tmp_path / "runtime" / name).write_bytes(b"another")
    message = refused(tmp_path / "runtime")
    assert message.startswith(f"{tmp_path}/runtime/{name}: checksum mismatch: expected ")
    assert "remove it" in message


def test_without_npm_it_says_what_to_install_or_where_the_files_go(no_npm, tmp_path):
    message = refused(tmp_path / "runtime")
    assert "install Node.js" in message
    assert f"into {tmp_path}/runtime" in message
    assert all(name in message for name in CONTENT)


def test_files_that_were_put_there_need_no_npm(no_npm, tmp_path):
    for name, content in CONTENT.items():
        (tmp_path / name).write_bytes(content)
    fetch_missing(tmp_path)


def test_what_npm_says_is_passed_on_in_a_line(npm, tmp_path):
    npm('#!/bin/sh\necho "npm error code ENOTFOUND" >&2\necho "npm error more" >&2\nexit 1\n')
    message = refused(tmp_path / "runtime")
    assert "npm error code ENOTFOUND" in message
    assert "more" not in message


def test_the_licence_lies_beside_the_runtime_and_names_its_version():
    text = (ROOT / runtime.FOLDER / "LICENSE.txt").read_text()
    assert text.startswith(runtime.PACKAGE.replace("@", " "))
    assert "Microsoft" in text
