import keras
import numpy as np
import pytest
import tensorflow as tf

from fashion.inference.model import OUTPUTS, make_inference_model, predict, write_saved_model

WEIGHTS = np.array([[1, -1, 0], [0, 2, 0], [0, 0, 1], [0.5, 0, 0]], np.float32) / 100
IMAGES = np.array([[[0, 0], [0, 0]], [[255, 10], [20, 100]]], np.uint8)


@pytest.fixture(params=[True, False], ids=["bias", "no bias"])
def model(request):
    """A dense layer on four pixels, with a bias of 1 for the last of three classes, or none."""
    images = keras.Input((2, 2), name="images")
    last = keras.layers.Dense(3, "softmax", use_bias=request.param, name="probabilities")
    model = keras.Model(images, last(keras.layers.Flatten(name="flatten")(images)))
    last.set_weights([WEIGHTS, np.array([0, 0, 1], np.float32)][: 1 + request.param])
    return model


def expected_of(model):
    features = IMAGES.reshape(2, 4).astype(np.float32)
    logits = features @ WEIGHTS + [0, 0, float(model.get_layer("probabilities").use_bias)]
    odds = np.exp(logits)
    return {
        "features": features,
        "logits": logits,
        "probabilities": odds / odds.sum(axis=1, keepdims=True),
    }


def test_the_outputs_are_features_logits_and_probabilities(model):
    found = predict(make_inference_model(model), IMAGES)
    for name, values in expected_of(model).items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-6)


def test_a_saved_model_takes_any_number_of_images(model, tmp_path, capfd):
    write_saved_model(tmp_path, make_inference_model(model))
    assert capfd.readouterr().out == ""
    serve = tf.saved_model.load(tmp_path).signatures["serving_default"]
    for count in (1, 2):
        found = serve(tf.constant(IMAGES[:count]))
        assert set(found) == set(OUTPUTS)
        for name, values in expected_of(model).items():
            np.testing.assert_allclose(found[name], values[:count], rtol=1e-5, atol=1e-6)
