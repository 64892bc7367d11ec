"""Fingerprints of files: equal digests mean equal bytes."""

import hashlib
from pathlib import Path


def sha256(path: str | Path) -> str:
    """The SHA-256 of the content of the file `path`, in hexadecimal; memory holds a piece of it."""
    return _digest(path, "sha256")


def md5(path: str | Path) -> str:
    """The MD5 of the content of the file `path`, in hexadecimal: what `dvc.lock` knows it by."""
    return _digest(path, "md5")


def _digest(path: str | Path, name: str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, name).hexdigest()


def tree_sha256(path: str | Path) -> str:
    """The SHA-256 of a file, or of the names and contents of all files in a folder."""
    path = Path(path)
    if not path.is_dir():
        return sha256(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    listing = "".join(f"{file.relative_to(path).as_posix()} {sha256(file)}\n" for file in files)
    return hashlib.sha256(listing.encode()).hexdigest()
