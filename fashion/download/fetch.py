"""Fetching files from a list of sources, in order, until each has the content it must have.

The SHA-256 of the *decompressed* bytes decides, so any archive of the same data will do. Files are
unpacked and verified beside their folder and moved into it afterwards: nothing unverified ever
stands there, and what stands there verified is not fetched again.
"""

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fashion.config.download import DebianSource, DirectorySource, Source, UrlSource
from fashion.download.removal import is_folder, others, refuse_losses, remove
from fashion.download.sources import SourceError, debian_folder, from_folder, from_web
from fashion.io.files import replacing, sha256

CHUNK_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


def fetch(
    sources: Sequence[Source],
    digests: Mapping[str, str],
    folder: str | Path,
    *,
    connect_seconds: float,
    retries: int,
    report: Callable[[str], None] = print,
) -> None:
    """Put every file of `digests` (name to SHA-256 of its content) into `folder`, and no others.

    A source that fails is reported in one line, and the next one is asked for what is still
    missing. Raises `SourceError` if files are missing after the last, or if other files would be
    lost or there are folders, and `OSError` if they cannot be written.
    """
    folder = Path(folder)
    rest = others(folder, digests)
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_folders(folder, [*rest, *(folder / name for name in digests)])
    missing = {
        name: digest for name, digest in digests.items() if not _holds(folder / name, digest)
    }
    refuse_losses([*rest, *(folder / name for name in missing)], folder)
    if not missing:
        report(f"{len(digests)} files in place, content verified")
    for source in sources if missing else ():
        with _scratch(folder.resolve().parent / ".unfinished-download") as scratch:
            try:
                locate = _locator(source, scratch, connect_seconds, retries)
                for name, digest in tuple(missing.items()):
                    _unpack_verified(locate(name), folder / name, digest)
                    del missing[name]
            except SourceError as error:
                report(f"{_name(source)}: {error}")
        if not missing:
            report(f"{_name(source)}: {len(digests)} files in place, content verified")
            break
    if missing:
        raise SourceError(
            f"no source gave {', '.join(missing)}. Get the files (NAME or NAME.gz) in any way, and "
            "put `- directory: /where/they/are` first under download.sources in params.yaml"
        )
    remove(rest)


def _refuse_folders(folder: Path, paths: Iterable[Path]) -> None:
    """Folders are own images, which the files of a data set never replace."""
    for path in paths:
        if is_folder(path):
            raise SourceError(
                f"{folder} holds the folder {path.name}, and download.files says that it is to "
                "hold other files: move it away, or, if it holds your images, change params.yaml "
                "as docs/own-data.md says (`- images: data/raw` alone under download.sources, "
                "`files: []`)"
            )


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """An empty `folder`, cleared of what a killed run left there, and removed in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _name(source: Source) -> str:
    return " ".join(str(value) for value in source.model_dump(exclude={"folder"}).values())


def _locator(
    source: Source, scratch: Path, connect_seconds: float, retries: int
) -> Callable[[str], Path]:
    """A function from a file's name to a local copy of it, as it is or compressed."""
    match source:
        case UrlSource():
            return partial(from_web, str(source.url), scratch, connect_seconds, retries)
        case DebianSource():
            return partial(from_folder, debian_folder(source, scratch, connect_seconds))
        case DirectorySource():
            return partial(from_folder, Path(source.directory).expanduser())


def _unpack_verified(candidate: Path, target: Path, expected: str) -> None:
    """Unpack `candidate` to `target`; raise `SourceError` if its content is not as `expected`."""
    with candidate.open("rb") as stream:
        compressed = stream.read(2) == GZIP_MAGIC
    with replacing(target) as partial_target:
        digest = hashlib.sha256()
        reader = gzip.open if compressed else Path.open
        with reader(candidate, "rb") as source, partial_target.open("wb") as stream:
            for chunk in _chunks(candidate.name, source):
                digest.update(chunk)
                stream.write(chunk)
        if digest.hexdigest() != expected:
            raise SourceError(
                f"{candidate.name}: checksum mismatch of the content: expected SHA-256 {expected}, "
                f"received {digest.hexdigest()}"
            )


def _chunks(name: str, source: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    while True:
        try:
            chunk = source.read(CHUNK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{name}: cannot be read: {error}") from error
        if not chunk:
            return
        yield chunk
