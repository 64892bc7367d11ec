"""Fetches files from several sources until each has the expected content.

The SHA-256 of the *decompressed* bytes decides, so any archive of the same data works. Files are
verified outside their folder and moved into it afterwards. Files that are already there and have
the expected content are not fetched again.
"""

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fashion.config.download import DebianSource, DirectorySource, Source, UrlSource
from fashion.download.removal import is_folder, list_unwanted, refuse_data_loss, remove
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
) -> None:
    """Make `folder` hold every file of `digests` (name to SHA-256 of its content), and no others.

    If a source fails, a line says why, and the next source is tried for the missing files. Raises
    `SourceError` if no source has a file, if `folder` holds folders, or if files of the user
    would be lost.
    """
    folder = Path(folder)
    others = list_unwanted(folder, digests)
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_folders(folder, [*others, *(folder / name for name in digests)])
    missing = {
        name: digest for name, digest in digests.items() if not _has_content(folder / name, digest)
    }
    refuse_data_loss([*others, *(folder / name for name in missing)], folder)
    if not missing:
        print(f"{len(digests)} files in place, content verified", flush=True)
    for source in sources if missing else ():
        label = " ".join(str(value) for value in source.model_dump(exclude={"folder"}).values())
        with _temporary_folder(folder.resolve().parent / ".unfinished-download") as scratch:
            try:
                locate = _make_locator(source, scratch, connect_seconds, retries)
                for name, digest in tuple(missing.items()):
                    _unpack_verified(locate(name), folder / name, digest)
                    del missing[name]
            except SourceError as error:
                print(f"{label}: {error}", flush=True)
        if not missing:
            print(f"{label}: {len(digests)} files in place, content verified", flush=True)
            break
    if missing:
        raise SourceError(
            f"no source has {', '.join(missing)}; get these files (NAME or NAME.gz) in another "
            "way, and write `- directory: FOLDER` first under download.sources in params.yaml"
        )
    remove(others)


def _refuse_folders(folder: Path, paths: Sequence[Path]) -> None:
    """Raise `SourceError` if there are folders, which hold images of the user."""
    for path in filter(is_folder, paths):
        raise SourceError(
            f"{folder}: expected only the files of download.files, found the folder {path.name}; "
            "move it away, or, if it holds your images, write `images: data/raw` and `files: []` "
            "under download in params.yaml (docs/own-data.md)"
        )


def _has_content(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[Path]:
    """Make an empty `folder`, without remains of a killed run, and remove it in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _make_locator(
    source: Source, scratch: Path, connect_seconds: float, retries: int
) -> Callable[[str], Path]:
    """A function from the name of a file to a local copy of it, compressed or not."""
    match source:
        case UrlSource():
            return partial(from_web, str(source.url), scratch, connect_seconds, retries)
        case DebianSource():
            return partial(from_folder, debian_folder(source, scratch, connect_seconds))
        case DirectorySource():
            return partial(from_folder, Path(source.directory).expanduser())


def _unpack_verified(candidate: Path, target: Path, expected: str) -> None:
    """Unpack `candidate` to `target`; raise `SourceError` if its SHA-256 is not `expected`."""
    with candidate.open("rb") as stream:
        is_compressed = stream.read(2) == GZIP_MAGIC
    opener = gzip.open if is_compressed else Path.open
    with replacing(target) as partial_target:
        digest = hashlib.sha256()
        with opener(candidate, "rb") as source, partial_target.open("wb") as stream:
            for chunk in _chunks(candidate.name, source):
                digest.update(chunk)
                stream.write(chunk)
        if digest.hexdigest() != expected:
            raise SourceError(
                f"{candidate.name}: expected content with the SHA-256 {expected}, found "
                f"{digest.hexdigest()}"
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
