import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from fashion.io.files import FileError, sha256, write_text
from fashion.models.saving import digest_path, read_model, write_model
from fashion.networks.building import build

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
PROGRAM = """
import sys, keras, numpy as np
model = keras.saving.load_model(sys.argv[1])
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
assert not [name for name in sys.modules if name.startswith("fashion")]
"""


@pytest.fixture
def model(small_model):
    model = build(small_model.network, (28, 28), 10)
    for weight in model.weights:  # so that moving statistics are not those of a new model
        weight.assign(keras.random.uniform(weight.shape, 0.1, 1.0))
    return model


def test_a_model_comes_back_with_its_predictions_in_layers_of_keras(tmp_path, model):
    write_model(tmp_path / "m.keras", model)
    again = read_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again(IMAGES), model(IMAGES), atol=1e-6)
    assert not again.compiled
    assert {type(layer).__module__.partition(".")[0] for layer in again.layers} == {"keras"}
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


@pytest.fixture
def bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


def test_a_network_in_bfloat16_is_saved_in_float32(tmp_path, bfloat16, model):
    dtypes = {layer.compute_dtype for layer in model.layers if layer.weights}
    assert dtypes == {"bfloat16", "float32"}
    assert {weight.dtype for weight in model.weights} == {"float32"}
    write_model(tmp_path / "m.keras", model)
    assert b"bfloat16" not in zipfile.ZipFile(tmp_path / "m.keras").read("config.json")
    again = read_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again(IMAGES), model(IMAGES), atol=0.02)


@pytest.mark.slow
def test_keras_loads_a_model_without_this_project(tmp_path, model):
    write_model(tmp_path / "m.keras", model)
    np.save(tmp_path / "images.npy", IMAGES)
    arguments = [str(tmp_path / name) for name in ("m.keras", "images.npy", "out.npy")]
    command = [sys.executable, "-I", "-c", PROGRAM, *arguments]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), model(IMAGES), atol=1e-6)


def test_equal_weights_give_equal_bytes_at_any_time_and_path(tmp_path, model, monkeypatch):
    write_model(tmp_path / "now.keras", model)
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    keras.utils.set_random_seed(123)
    write_model(tmp_path / "elsewhere" / "later.keras", model)
    later = (tmp_path / "elsewhere" / "later.keras").read_bytes()
    assert later == (tmp_path / "now.keras").read_bytes()


def test_sha256sum_can_check_the_digest(tmp_path, model):
    write_model(tmp_path / "m.keras", model)
    command = ["sha256sum", "--check", "m.keras.sha256"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_a_flipped_bit_is_refused_before_the_archive_is_opened(tmp_path, model, monkeypatch):
    path = tmp_path / "m.keras"
    write_model(path, model)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    monkeypatch.setattr("keras.saving.load_model", None)
    with pytest.raises(FileError, match=r"m\.keras: checksum mismatch: expected \w+, found \w+; "):
        read_model(path)


def test_code_in_an_archive_is_not_run(tmp_path):
    inputs = keras.Input((28, 28))
    outputs = keras.layers.Lambda(lambda x: x, output_shape=(28, 28))(inputs)
    path = tmp_path / "lambda.keras"
    keras.Model(inputs, outputs).save(path)
    write_text(digest_path(path), f"{sha256(path)}  {path.name}\n")
    with pytest.raises(ValueError, match="safe_mode"):
        read_model(path)
