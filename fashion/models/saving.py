"""Trained models as `.keras` archives that Keras alone can load; equal weights give equal bytes.

Layers of this project are saved as their parent classes in Keras. `NAME.keras.sha256` holds the
digest of `NAME.keras`, in the format of `sha256sum`. A model is loaded only if it has that digest,
and in safe mode, so that no code in it runs.
"""

import io
import json
import zipfile
from pathlib import Path

import keras

from fashion.io.files import TRAIN_AGAIN, FileError, reading, replacing, sha256, write_text
from fashion.models.layers import FusedBatchNormalization


def digest_path(path: str | Path) -> Path:
    """The path of the digest of the model at `path`."""
    return Path(f"{path}.sha256")


def write_model(path: str | Path, model: keras.Model) -> None:
    """Write `model`, without the optimizer, as a `.keras` archive, and its digest beside it."""
    with replacing(path) as partial:
        portable(model).save(partial)
        partial.write_bytes(_without_clock(partial.read_bytes()))
    write_text(digest_path(path), f"{sha256(path)}  {Path(path).name}\n")


def portable(model: keras.Model) -> keras.Model:
    """A copy of `model` in float32, with Keras' own layers only.

    Its outputs are equal up to rounding. All layers are trainable, whatever was trained.
    """
    bare = keras.Model(model.input, model.output, name=model.name)  # without the optimizer
    copy = keras.models.clone_model(bare, clone_function=_own_layer, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


def _own_layer(layer: keras.Layer) -> keras.Layer:
    is_fused = isinstance(layer, FusedBatchNormalization)
    own = keras.layers.BatchNormalization if is_fused else layer.__class__
    return own.from_config(layer.get_config() | {"dtype": "float32", "trainable": True})


def _without_clock(archive: bytes) -> bytes:
    """`archive` with fixed timestamps in place of those that Keras writes."""
    rewritten = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(rewritten, "w") as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "metadata.json":
                metadata = json.loads(content)
                del metadata["date_saved"]
                content = json.dumps(metadata, sort_keys=True).encode()
            target.writestr(zipfile.ZipInfo(name), content)  # dated 1980
    return rewritten.getvalue()


def read_model(path: str | Path) -> keras.Model:
    """Load the model in the `.keras` archive `path`.

    Raises `FileError` if the archive or its digest is missing or if they do not match, and
    `ValueError` if the archive contains code.
    """
    if Path(path).suffix != ".keras":
        raise FileError(f"{path}: expected a .keras archive; other formats may run code")
    with reading(digest_path(path), "a line of sha256sum", IndexError):
        expected = digest_path(path).read_text("utf-8").split()[0]
    return load_verified(
        path, expected, f"restore it with `dvc checkout --force`, or {TRAIN_AGAIN}"
    )


def load_verified(path: str | Path, expected: str, advice: str) -> keras.Model:
    """Load the model in the `.keras` archive `path`, whose SHA-256 must be `expected`.

    Raises `FileError` if the archive is missing or has another digest, with `advice` in the latter
    case, and `ValueError` if it contains code or is no Keras model.
    """
    with reading(path, "a model"):
        found = sha256(path)
    if found != expected:
        raise FileError(f"{path}: checksum mismatch: expected {expected}, found {found}; {advice}")
    return keras.saving.load_model(path, compile=False, safe_mode=True)
