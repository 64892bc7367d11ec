import io
import zipfile

import keras
import numpy as np
import pytest

from fashion.archive import read_model, write_model
from fashion.artifacts import ArtifactError
from fashion.networks import build

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)


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


def test_code_hidden_in_a_model_is_refused(tmp_path):
    inputs = keras.Input((28, 28))
    outputs = keras.layers.Lambda(lambda x: x, output_shape=(28, 28))(inputs)
    keras.Model(inputs, outputs).save(tmp_path / "m.keras")
    with pytest.raises(ArtifactError, match=r"m\.keras: is not a model of this project"):
        read_model(tmp_path / "m.keras")


def empty_zip():
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    return content.getvalue()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken", empty_zip()])
def test_a_damaged_archive_is_refused(tmp_path, content):
    (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"m\.keras: is not a model of this project"):
        read_model(tmp_path / "m.keras")


@pytest.mark.parametrize("member", ["config.json", "metadata.json", "model.weights.h5"])
@pytest.mark.parametrize("place", [0.01, 0.25, 0.5, 0.75, 0.99])
def test_a_flipped_byte_is_refused(tmp_path, model, member, place):
    write_model(tmp_path / "m.keras", model)
    content = bytearray((tmp_path / "m.keras").read_bytes())
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        info = archive.getinfo(member)
    start = info.header_offset + 30 + len(member)
    content[start + int(place * info.compress_size)] ^= 1
    (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(ArtifactError, match=rf"the checksum of its member {member} is wrong"):
        read_model(tmp_path / "m.keras")


def test_a_missing_model_is_told_with_what_makes_it(tmp_path):
    with pytest.raises(ArtifactError, match=r"m\.keras: is not there; `dvc repro` makes it"):
        read_model(tmp_path / "m.keras")
