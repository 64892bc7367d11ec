"""Trained models as `.keras` archives: equal weights give equal bytes, and no code gets in."""

import io
import json
import zipfile
from pathlib import Path

import keras

import fashion.layers  # noqa: F401  registers the layers that an archive may name
from fashion.artifacts import refusing, replacing

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_model(path: str | Path, model: keras.Model) -> None:
    """Write what prediction needs of `model`, without optimizer state, as a `.keras` archive.

    Keras stamps the archive with the time; the members are written again with fixed stamps.
    """
    bare = keras.Model.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    with replacing(path) as partial:
        bare.save(partial)
        partial.write_bytes(_without_clock(partial.read_bytes()))


def _without_clock(archive: bytes) -> bytes:
    rewritten = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(rewritten, "w") as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "metadata.json":
                metadata = json.loads(content)
                del metadata["date_saved"]
                content = json.dumps(metadata, sort_keys=True).encode()
            target.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), content)
    return rewritten.getvalue()


def read_model(path: str | Path) -> keras.Model:
    """The model in the `.keras` archive `path`; refuses code hidden in it (`safe_mode`).

    The checksums of all members are compared first: Keras reads parts of them, past the checks.
    Raises `ArtifactError` if the archive is missing, damaged or not a model of this project.
    """
    faults = (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile)
    with refusing(path, "a model of this project", *faults):
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise ValueError(f"the checksum of its member {damaged} is wrong")
        return keras.saving.load_model(path, compile=False, safe_mode=True)
