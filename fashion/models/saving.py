"""Trained models as `.keras` archives that Keras alone can load; equal weights give equal bytes.

Layers of this project are saved as the layers of Keras that they make faster. Beside `NAME.keras`
stands `NAME.keras.sha256`, in the format of `sha256sum`. A model is loaded only if it has that
digest, as a `.keras` archive and in safe mode, so that no code in it runs.
"""

import io
import json
import zipfile
from pathlib import Path

import keras
import numpy as np

from fashion.io.files import FileError, reading, replacing, sha256, write_text
from fashion.models.layers import FusedBatchNormalization


def digest_path(path: str | Path) -> Path:
    """Where the digest of the model at `path` stands."""
    return Path(f"{path}.sha256")


def write_model(path: str | Path, model: keras.Model) -> None:
    """Write `model`, without optimizer state, as a `.keras` archive, and its digest beside it.

    Keras stamps the archive with the time; the members are written again with fixed stamps.
    """
    with replacing(path) as partial:
        portable(model).save(partial)
        partial.write_bytes(_without_clock(partial.read_bytes()))
    write_text(digest_path(path), f"{sha256(path)}  {Path(path).name}\n")


def portable(model: keras.Model) -> keras.Model:
    """A copy of `model` of Keras' own layers; its outputs are equal but for float rounding."""
    bare = keras.Model(model.input, model.output, name=model.name)  # without an optimizer
    copy = keras.models.clone_model(bare, clone_function=_own_layer)
    copy.set_weights(model.get_weights())
    return copy


def _own_layer(layer: keras.Layer) -> keras.Layer:
    if isinstance(layer, FusedBatchNormalization):
        return keras.layers.BatchNormalization.from_config(layer.get_config())
    return layer.__class__.from_config(layer.get_config())


def _without_clock(archive: bytes) -> bytes:
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
    """The model in the `.keras` archive `path`.

    Raises `FileError` if the archive or its digest is missing or if its content is another one,
    and `ValueError` if it would run code.
    """
    if Path(path).suffix != ".keras":
        raise FileError(f"{path}: expected a .keras archive; other formats may run code")
    with reading(digest_path(path), "a line of sha256sum", IndexError):
        expected = digest_path(path).read_text("utf-8").split()[0]
    with reading(path, "a model"):
        found = sha256(path)
    if found != expected:
        raise FileError(
            f"{path}: checksum mismatch: expected {expected}, found {found}; "
            "`dvc checkout --force` restores it, or `dvc repro` makes it again"
        )
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def trainable_parameters(model: keras.Model) -> int:
    """The number of trainable weights, which excludes moving statistics."""
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
