import io
import json
import pickle
import zipfile

import h5py
import keras
import numpy as np
import pytest

from fashion import archive
from fashion.archive import WEIGHTS, check_archive, write_model
from fashion.artifacts import ArtifactError
from fashion.digests import sha256
from fashion.networks import build

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)


def read_model(path):
    """The model in `path`, whatever its digest is."""
    return archive.read_model(path, sha256(path))


@pytest.fixture(params=["mlp", "cnn"])
def model(request, small_params):
    return build(small_params.model(request.param).network, (28, 28), 10)


def test_a_model_comes_back_with_its_predictions(tmp_path, model):
    write_model(tmp_path / "m.keras", model)
    again = read_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again(IMAGES), model(IMAGES))


def test_equal_weights_give_equal_bytes_at_any_time_and_path(tmp_path, model, monkeypatch):
    write_model(tmp_path / "now.keras", model)
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    keras.utils.set_random_seed(123)
    write_model(tmp_path / "elsewhere" / "later.keras", model)
    later = (tmp_path / "elsewhere" / "later.keras").read_bytes()
    assert later == (tmp_path / "now.keras").read_bytes()


def test_the_archive_tells_neither_time_nor_optimizer(tmp_path, model):
    model.compile("adam", "categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    write_model(tmp_path / "m.keras", model)
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"date" not in archive.read("metadata.json")
        assert b"optimizer" not in archive.read("model.weights.h5")


def empty_zip():
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    return content.getvalue()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken", empty_zip()])
def test_a_damaged_archive_is_refused(tmp_path, content):
    (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"m\.keras: is not a model of this project"):
        read_model(tmp_path / "m.keras")


@pytest.mark.parametrize("place", [0.01, 0.25, 0.5, 0.75, 0.99])
def test_a_flipped_bit_is_refused_before_anything_is_opened(tmp_path, model, place, monkeypatch):
    path = tmp_path / "m.keras"
    write_model(path, model)
    expected, content = sha256(path), bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)
    monkeypatch.setattr("fashion.archive.check_archive", None)
    with pytest.raises(ArtifactError, match=f"m.keras: expected the SHA-256 {expected}, found "):
        archive.read_model(path, expected)


def test_a_missing_model_is_told_with_what_makes_it(tmp_path):
    with pytest.raises(ArtifactError, match=r"m\.keras: is not there; `dvc repro` makes it"):
        archive.read_model(tmp_path / "m.keras", "0" * 64)


@pytest.fixture(scope="module")
def members(tmp_path_factory, small_params):
    """The members of a good archive, by name."""
    path = tmp_path_factory.mktemp("good") / "m.keras"
    write_model(path, build(small_params.model("cnn").network, (28, 28), 10))
    with zipfile.ZipFile(path) as good:
        return {name: good.read(name) for name in good.namelist()}


def packed(members, compression=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as target:
        for name, member in members.items():
            target.writestr(name, member)
    return content.getvalue()


def assert_refused(tmp_path, content, reason):
    """Refused by its content alone: the digest is that of this very file."""
    path = tmp_path / "m.keras"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=f"m.keras: is not a model of this project: .*{reason}"):
        read_model(path)


def test_the_good_archive_is_taken(members):
    check_archive(packed(members))


def test_a_lambda_layer_is_refused(tmp_path):
    inputs = keras.Input((28, 28))
    outputs = keras.layers.Lambda(lambda x: x, output_shape=(28, 28))(inputs)
    keras.Model(inputs, outputs).save(tmp_path / "lambda.keras")
    assert_refused(tmp_path, (tmp_path / "lambda.keras").read_bytes(), "foreign code")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "function"),
        ("keras.layers", "TFSMLayer"),
        ("keras.utils", "get_file"),
        ("fashion.sources", "fetch"),
        ("fashion.layers", "keras"),
        ("keras", "layers.Lambda"),
        ("keras", "layers.JaxLayer"),
        ("keras", "export.ExportArchive"),
        ("keras", "function"),
        ("keras.layers", "Lambda"),
        (None, "__lambda__"),
    ],
)
@pytest.mark.parametrize("depth", ["layer", "initializer"])
def test_what_a_model_may_not_name_is_refused(tmp_path, members, module, name, depth):
    config = json.loads(members["config.json"])
    layer = next(x for x in config["config"]["layers"] if x["class_name"] == "Conv2D")
    place = layer if depth == "layer" else layer["config"]["kernel_initializer"]
    place |= {"module": module, "class_name": name, "registered_name": None}
    hostile = {**members, "config.json": json.dumps(config).encode()}
    assert_refused(tmp_path, packed(hostile), "which may run foreign code")


@pytest.mark.parametrize("name", ["../outside", "/outside", "assets/x", "config.json"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_do_not_belong_are_refused(tmp_path, members, name):
    content = io.BytesIO(packed(members))
    with zipfile.ZipFile(content, "a") as target:
        target.writestr(name, b"{}")
    assert_refused(tmp_path, content.getvalue(), "expected the members")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.keras"]


def test_a_decompression_bomb_is_refused_unread(tmp_path, members):
    bomb = packed({**members, WEIGHTS: bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    assert_refused(tmp_path, bomb, "is compressed")


def test_a_member_that_claims_to_be_larger_than_its_archive_is_refused(tmp_path, members):
    content = bytearray(packed(members))
    for signature, place in ((b"PK\x01\x02", 20), (b"PK\x03\x04", 18)):
        start = content.find(signature)
        content[start + place : start + place + 8] = b"\xff\xff\xff\x7f" * 2
    assert_refused(tmp_path, bytes(content), "is compressed")


def with_weights(members, change):
    """The archive, its weights file changed by `change`."""
    stored = io.BytesIO(members[WEIGHTS])
    with h5py.File(stored, "r+") as weights:
        change(weights)
    return packed({**members, WEIGHTS: stored.getvalue()})


def external_link(weights):
    weights["layers/secret"] = h5py.ExternalLink("/etc/passwd", "/")


def soft_link(weights):
    weights["layers/again"] = h5py.SoftLink("/layers")


def cycle(weights):
    weights["layers/loop"] = weights["layers"]


def virtual(weights):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/elsewhere.h5", "x", (4,))
    weights.create_virtual_dataset("layers/virtual", layout)


def external_storage(weights):
    weights.create_dataset(
        "layers/raw", (4,), "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    )


def compressed(weights):
    weights.create_dataset("layers/bomb", data=np.zeros(10_000_000, "f4"), compression="gzip")


def never_written(weights):
    weights.create_dataset("layers/huge", (10**12,), "f4")


def objects(weights):
    weights.create_dataset("layers/text", data=[b"abc", b"d"], dtype=h5py.string_dtype())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (external_link, "layers/secret are a link to elsewhere"),
        (soft_link, "layers/again are a link to elsewhere"),
        (cycle, "are linked twice"),
        (virtual, "layers/virtual are not stored in it"),
        (external_storage, "layers/raw are not stored in it"),
        (compressed, "layers/bomb are not stored in it"),
        (never_written, "layers/huge are not stored in it"),
        (objects, "layers/text are n"),
    ],
)
def test_weights_that_are_not_plain_numbers_in_the_file_are_refused(
    tmp_path, members, change, reason
):
    assert_refused(tmp_path, with_weights(members, change), reason)


def test_h5_and_pickle_files_are_refused(tmp_path, members):
    assert_refused(tmp_path, members[WEIGHTS], "File is not a zip file")
    assert_refused(tmp_path, pickle.dumps({"a": 1}), "File is not a zip file")


def test_what_was_checked_is_what_is_loaded(tmp_path, members, monkeypatch):
    """A file that is exchanged after it was checked gets no chance."""
    path = tmp_path / "m.keras"
    path.write_bytes(packed(members))
    checked = check_archive

    def exchange(content):
        checked(content)
        path.write_bytes(b"another")

    monkeypatch.setattr("fashion.archive.check_archive", exchange)
    assert read_model(path).count_params()
