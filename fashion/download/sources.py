"""Local copies of files from the web, from Debian packages and from folders."""

import shutil
import subprocess
import sys
from pathlib import Path

import pooch
import requests

from fashion.config.download import DebianSource
from fashion.errors import FashionError

READ_SECONDS = 30


class SourceError(FashionError):
    """Raw data that cannot be fetched, copied or replaced."""


def from_folder(folder: Path, name: str) -> Path:
    """The file `name` or `name`.gz in `folder`; raises `SourceError` if it holds neither."""
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise SourceError(f"{folder} holds neither {name} nor {name}.gz")


def from_web(base: str, scratch: Path, connect_seconds: float, retries: int, name: str) -> Path:
    """Download `name`.gz, or else `name`, from below `base` into `scratch`.

    pooch makes `retries` more attempts per failed download. Raises `SourceError` with the reason.
    """
    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), timeout=(connect_seconds, READ_SECONDS)
    )
    try:
        for candidate in (f"{name}.gz", name):
            store = pooch.create(
                scratch, f"{base.rstrip('/')}/", registry={candidate: None}, retry_if_failed=retries
            )
            try:
                return Path(store.fetch(candidate, downloader=downloader))
            except requests.HTTPError as error:
                if candidate == name or error.response.status_code != requests.codes.not_found:
                    raise
    except requests.RequestException as error:
        raise SourceError(f"{name}: {_root_cause(error)}") from error
    raise AssertionError  # the loop returns or raises


def _root_cause(error: BaseException) -> str:
    """The innermost of a chain of network errors, in one line."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split()) or type(error).__name__


def debian_folder(source: DebianSource, scratch: Path, connect_seconds: float) -> Path:
    """Return the folder of the package; download and unpack it to `scratch` if not installed.

    Needs no root: package lists are updated in a private folder, and nothing is installed. Raises
    `SourceError` if that fails.
    """
    installed = Path(source.folder)
    if installed.is_dir():
        return installed
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SourceError("not installed, and apt-get or dpkg-deb is missing")
    for folder in ("lists/partial", "cache/archives/partial", "package"):
        (scratch / folder).mkdir(parents=True)
    apt = [
        "apt-get",
        "--quiet=2",
        f"--option=Dir::State::Lists={scratch / 'lists'}",
        f"--option=Dir::Cache={scratch / 'cache'}",
        "--option=Acquire::Retries=0",
        f"--option=Acquire::http::Timeout={connect_seconds:.0f}",
        f"--option=Acquire::https::Timeout={connect_seconds:.0f}",
        "--option=APT::Sandbox::User=root",
    ]
    _run([*apt, "update"], scratch)
    _run([*apt, "download", source.debian], scratch)
    package = next(scratch.glob("*.deb"))
    _run(["dpkg-deb", "--extract", str(package), str(scratch / "package")], scratch)
    return scratch / "package" / installed.relative_to("/")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise SourceError(f"{command[0]} failed: {lines[-1]}")
