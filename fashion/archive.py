"""Trained models as `.keras` archives: equal weights give equal bytes, and no code gets in.

A model is a zip of `config.json` (the layers by name), `metadata.json` and `model.weights.h5`.
Loading one makes Keras import what its configuration names, and HDF5 open what its links name, so
an archive is loaded only if it has the SHA-256 it should have, and then only if it holds nothing
but layers of Keras and of `fashion.layers`, with weights that are really in it.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import keras

import fashion.layers  # registers the layers that an archive may name
from fashion.artifacts import ArtifactError, refusing, replacing

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
KIND = "a model of this project"
WEIGHTS = "model.weights.h5"
MEMBERS = {"config.json", "metadata.json", WEIGHTS}
NAMED = {("keras", "DTypePolicy"), ("keras.src.models.functional", "Functional")}
SHELVES = {
    "fashion.layers": fashion.layers,
    "keras.constraints": keras.constraints,
    "keras.initializers": keras.initializers,
    "keras.layers": keras.layers,
    "keras.regularizers": keras.regularizers,
}
# Keras layers that run what an archive brings along or points to
OUTLAWS = {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper"}
FAULTS = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
)


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


def read_model(path: str | Path, sha256: str) -> keras.Model:
    """The model in the `.keras` archive `path`, whose content has the digest `sha256`.

    Raises `ArtifactError` if the archive is missing or another one, or if it is not a model of
    this project: see the head of this file.
    """
    with refusing(path, KIND, *FAULTS):
        content = Path(path).read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise ArtifactError(
                f"{path}: expected the SHA-256 {sha256}, found {found}: it is damaged or another "
                "model; remove it, and `dvc repro` makes it again"
            )
        check_archive(content)
    with TemporaryDirectory() as folder:
        checked = Path(folder) / "checked.keras"  # what was checked is what is loaded
        checked.write_bytes(content)
        with refusing(path, KIND, *FAULTS):
            return keras.saving.load_model(checked, compile=False, safe_mode=True)


def check_archive(content: bytes) -> None:
    """Raise `ValueError` or another of `FAULTS` unless `content` is an archive as written here.

    Members are stored uncompressed, so what is read is never more than `content`.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        names = sorted(member.filename for member in members)
        if names != sorted(MEMBERS):
            raise ValueError(f"expected the members {sorted(MEMBERS)}, found {names[:9]}")
        for member in members:
            if member.compress_type != zipfile.ZIP_STORED or member.file_size > len(content):
                raise ValueError(f"its member {member.filename} is compressed")
        parts = {name: archive.read(name) for name in names}
    for module, name in _classes(json.loads(parts["config.json"])):
        if not _is_harmless(module, name):
            raise ValueError(f"it names {name!r} of {module!r}, which may run foreign code")
    with h5py.File(io.BytesIO(parts[WEIGHTS]), "r") as weights:
        _check_weights(weights, set())


def _classes(config: Any) -> Iterator[tuple[Any, Any]]:
    """The module and name of everything that Keras would look up for `config`."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "class_name" in value and value["class_name"] != "__keras_tensor__":
                yield value.get("module"), value["class_name"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _is_harmless(module: Any, name: Any) -> bool:
    """Whether `name` is a class of `module` that may be made: no function, no dotted path."""
    if (module, name) in NAMED:
        return True
    known = module in SHELVES and isinstance(name, str) and name not in OUTLAWS
    return known and isinstance(getattr(SHELVES[module], name, None), type)


def _check_weights(group: h5py.Group, seen: set[Any]) -> None:
    """Raise `ValueError` unless all below `group` is a tree of numbers that are in this file."""
    for name in group:
        place = f"{group.name.rstrip('/')}/{name}"
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"its weights {place} are a link to elsewhere")  # noqa: TRY004  a fault of the file
        item = group[name]
        if item in seen:
            raise ValueError(f"its weights {place} are linked twice")
        seen.add(item)
        if isinstance(item, h5py.Group):
            _check_weights(item, seen)
        elif item.is_virtual or item.external or item.id.get_storage_size() != item.nbytes:
            raise ValueError(f"its weights {place} are not stored in it as they are")
        elif item.dtype.kind not in "fiu":
            raise ValueError(f"its weights {place} are no numbers")
