"""The runtime: the three files of onnxruntime-web with which a browser runs the models.

In: a package of whichever npm registry is configured, by `npm pack`, its digest checked; npm
installs nothing, and is not needed once the files are there. Out: `page/runtime/`.
Run: `python -m tools.page.runtime`.
"""

import base64
import hashlib
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from fashion import cli
from fashion.errors import FashionError
from fashion.files import replacing, sha256

FOLDER = "page/runtime"
PACKAGE = "onnxruntime-web@1.30.0"
INTEGRITY = (  # SHA-512 in base64, as npm has it
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
FILES = {  # SHA-256
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": (
        "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b"
    ),
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}


class RuntimeFileError(FashionError):
    """A runtime that cannot be fetched, or is not the pinned one."""


def main(folder: str = FOLDER) -> None:
    """Fetch what is missing in `folder`, and say what is there."""
    fetch_missing(Path(folder))
    print(f"{folder}: {', '.join(FILES)} of {PACKAGE}")


def fetch_missing(folder: Path) -> None:
    """Have all `FILES` in `folder`; raises `RuntimeFileError` if they cannot be, or are others."""
    if not all((folder / name).exists() for name in FILES):
        with TemporaryDirectory(prefix="runtime-") as temporary:
            extract(pack(Path(temporary), folder), folder)
    for name, expected in FILES.items():
        found = sha256(folder / name)
        if found != expected:
            raise RuntimeFileError(
                f"{folder / name}: checksum mismatch: expected {expected}, found {found}; "
                "remove it, and the next build fetches it anew"
            )


def pack(temporary: Path, folder: Path) -> Path:
    """The package as an archive in `temporary`; its files are to go into `folder`."""
    command = ["npm", "pack", PACKAGE, "--ignore-scripts", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise RuntimeFileError(
            f"npm: not found; install Node.js, or put {', '.join(FILES)} of {PACKAGE} (they are "
            f"in dist/ of that package) into {folder}"
        ) from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or "no message").splitlines()[0]
        raise RuntimeFileError(
            f"`npm pack {PACKAGE}` failed: {reason}; see that npm reaches a registry, then run "
            "the same command again"
        ) from error
    (archive,) = temporary.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise RuntimeFileError(
            f"{PACKAGE}: checksum mismatch: expected sha512-{INTEGRITY}, found sha512-{found}; "
            "the registry has another package of this name"
        )
    return archive


def extract(archive: Path, folder: Path) -> None:
    """Put `FILES` of the package `archive` into `folder`, and nothing else of it."""
    with tarfile.open(archive) as package:
        for name in FILES:
            member = package.extractfile(f"package/dist/{name}")
            assert member, "the digest says that it is a file"  # noqa: S101
            with member, replacing(folder / name) as unfinished:
                unfinished.write_bytes(member.read())


if __name__ == "__main__":
    cli.run(main, "folder")
