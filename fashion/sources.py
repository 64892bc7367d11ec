"""Where files come from: web folders, Debian packages, folders of this machine.

`fetch` tries a list of sources in order until every file has arrived with the content it must
have. The SHA-256 of the *decompressed* bytes decides, so any archive of the same data will do.
Files are unpacked and verified beside their folder and moved into it afterwards: nothing
unverified ever stands there.
"""

import errno
import gzip
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import pooch
import requests
from pydantic import HttpUrl

from fashion.errors import FashionError
from fashion.params import DebianSource, DirectorySource, SiteSource, Source, UrlSource

SITES = {
    "zalando": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "keras": "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
}
CHUNK_BYTES = 1 << 20
MEGABYTE = 1_000_000
READ_SECONDS = 30
GZIP_MAGIC = b"\x1f\x8b"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SourceError(FashionError):
    """A source that cannot give a file, or gave another one."""


Resolved = UrlSource | DebianSource | DirectorySource
Locate = Callable[[str], Path]


def fetch(
    sources: Sequence[Source],
    sha256: Mapping[str, str],
    folder: str | Path,
    *,
    connect_seconds: float,
    retries: int,
    max_megabytes: int,
    report: Callable[[str], None] = print,
) -> None:
    """Put every file of `sha256` (name to hash of its content) into `folder`.

    A source that fails is told to `report` in one line, and the next one is asked for what is
    still missing. Raises `SourceError` if files are missing after the last, and `OSError` if this
    machine has no room for them.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    missing = dict(sha256)
    for source in map(_resolve, sources):
        with _scratch(folder.parent / ".unfinished-download") as scratch:
            try:
                locate = _open(source, scratch, connect_seconds, retries)
                for name in tuple(missing):
                    content = scratch / f"{name}.content"
                    _unpack_verified(locate(name), content, missing[name], max_megabytes)
                    content.replace(folder / name)
                    del missing[name]
            except SourceError as error:
                report(f"{_name(source)}: {error}")
        if not missing:
            report(f"{_name(source)}: all files are there, and their content is verified")
            return
    raise SourceError(
        f"no source gave {', '.join(missing)}. Get the files (NAME or NAME.gz) in any way, and "
        "put `- directory: /where/they/are` first under download.sources in params.yaml"
    )


def _resolve(source: Source) -> Resolved:
    """`source`, or the web folder that it names."""
    if isinstance(source, SiteSource):
        return UrlSource(url=HttpUrl(SITES[source.site]))
    return source


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """An empty `folder`, cleared of what a killed run left there, and removed in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _name(source: Resolved) -> str:
    return " ".join(str(value) for value in source.model_dump(exclude={"folder"}).values())


def _open(source: Resolved, scratch: Path, connect_seconds: float, retries: int) -> Locate:
    """A function from a file's name to a local copy of it, as it is or compressed."""
    match source:
        case UrlSource():
            base = f"{str(source.url).rstrip('/')}/"
            _check_reachable(base, connect_seconds)
            return partial(_from_web, base, scratch, connect_seconds, retries)
        case DebianSource():
            return partial(_from_folder, _unpack_debian(source, scratch, connect_seconds))
        case DirectorySource():
            return partial(_from_folder, Path(source.directory).expanduser())


def _from_folder(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise SourceError(f"{folder} holds neither {name} nor {name}.gz")


def _from_web(base: str, scratch: Path, connect_seconds: float, retries: int, name: str) -> Path:
    try:
        return _transfer(base, scratch, connect_seconds, retries, f"{name}.gz")
    except requests.HTTPError as error:
        if error.response.status_code != requests.codes.not_found:
            raise SourceError(f"{name}: {error}") from error
    except requests.RequestException as error:
        raise SourceError(f"{name}: {_root_cause(error)}") from error
    try:
        return _transfer(base, scratch, connect_seconds, 0, name)
    except requests.RequestException as error:
        raise SourceError(f"{name}: {_root_cause(error)}") from error


def _transfer(base: str, scratch: Path, connect_seconds: float, retries: int, name: str) -> Path:
    """Download one file; pooch repeats a transfer that breaks, after a second or two."""
    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(),
        chunk_size=CHUNK_BYTES,
        timeout=(connect_seconds, READ_SECONDS),
    )
    store = pooch.create(scratch, base, registry={name: None}, retry_if_failed=retries)
    return Path(store.fetch(name, downloader=downloader))


def _root_cause(error: BaseException) -> str:
    """The innermost reason of a chain of network errors, in one line."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split()) or type(error).__name__


def _check_reachable(url: str, seconds: float) -> None:
    """Raise `SourceError` unless the host of `url` takes a connection within `seconds`.

    The limit holds for the name look-up and all addresses together, which `requests` cannot
    promise: on a machine without internet a silent firewall would cost minutes.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    outcome: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=seconds).close()
            outcome.append("")
        except OSError as error:
            outcome.append(error.strerror or str(error))

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    reason = outcome[0] if outcome else f"no answer within {seconds:g} s"
    if reason:
        raise SourceError(f"cannot reach {host}: {reason}")


def _unpack_debian(source: DebianSource, scratch: Path, connect_seconds: float) -> Path:
    """The folder of the package, installed or else downloaded and unpacked below `scratch`.

    Needs no root: package lists are refreshed in a private folder, nothing is installed.
    """
    installed = Path(source.folder)
    if installed.is_dir():
        return installed
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SourceError("is not installed, and this machine has no apt-get and dpkg-deb")
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
        raise SourceError(f"{' '.join(command[:1])} failed: {lines[-1]}")


def _unpack_verified(candidate: Path, content: Path, sha256: str, max_megabytes: int) -> None:
    """Unpack `candidate` to `content`; raise `SourceError` if its digest is not `sha256`."""
    try:
        found, first_bytes = _unpack(candidate, content, max_megabytes)
    except (OSError, EOFError, zlib.error) as error:
        if getattr(error, "errno", None) in NO_ROOM:
            raise
        raise SourceError(f"{candidate.name}: cannot be unpacked: {error}") from error
    if found != sha256:
        page = first_bytes.lstrip().lower().startswith((b"<!doctype", b"<html"))
        hint = "; it is a web page, not data" if page else ""
        raise SourceError(
            f"{candidate.name}: expected content with SHA-256 {sha256}, received {found}{hint}"
        )


def _unpack(candidate: Path, content: Path, max_megabytes: int) -> tuple[str, bytes]:
    """Write the content of `candidate` (gzip or as it is); return its SHA-256 and first bytes."""
    with candidate.open("rb") as stream:
        compressed = stream.read(2) == GZIP_MAGIC
    digest = hashlib.sha256()
    first_bytes = b""
    reader = gzip.open if compressed else Path.open
    with reader(candidate, "rb") as source, content.open("wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            first_bytes = first_bytes or chunk[:64]
            digest.update(chunk)
            target.write(chunk)
            if target.tell() > max_megabytes * MEGABYTE:
                raise SourceError(
                    f"{candidate.name}: holds more than download.max_megabytes = {max_megabytes}"
                )
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest(), first_bytes
